import _ from 'lodash'

const PRODUCTS = [
  { id: 'teapot', name: 'Teapot', tags: ['kitchen', 'tea'], cents: 3490 },
  { id: 'sencha', name: 'Sencha tea', tags: ['tea'], cents: 1250 },
  { id: 'kettle', name: 'Kettle', tags: ['kitchen'], cents: 4999 },
  { id: 'mug', name: 'Mug', tags: ['kitchen', 'tea', 'coffee'], cents: 890 },
  { id: 'beans', name: 'Coffee beans', tags: ['coffee'], cents: 1190 },
]

const ORDERS = { name: 'name', price: 'cents' }

export function findProduct(id) {
  return _.find(PRODUCTS, { id })
}

/** Products whose name or tags have the words of `q` in them. */
export function searchProducts({ q = '', sort = 'name' } = {}) {
  const words = _.words(_.toLower(q))
  const matches = PRODUCTS.filter((product) => {
    const text = _.toLower([product.name, ...product.tags].join(' '))
    return words.every((word) => text.includes(word))
  })
  return _.sortBy(matches, ORDERS[sort] ?? ORDERS.name)
}
