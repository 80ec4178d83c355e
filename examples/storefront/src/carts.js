import _ from 'lodash'
import { findProduct } from './catalogue.js'

/** Carts live as long as the process. */
export function createCarts({ currency }) {
  const carts = new Map()
  return {
    open() {
      const cart = { id: String(carts.size + 1), lines: [] }
      carts.set(cart.id, cart)
      return describe(cart, currency)
    },
    add(id, { product, count = 1 }) {
      const cart = carts.get(id)
      if (!cart) return null
      if (!findProduct(product) || !_.isInteger(count) || count < 1)
        throw new RangeError('no such product, or no such count')
      const line = _.find(cart.lines, { product })
      if (line) line.count += count
      else cart.lines.push({ product, count })
      return describe(cart, currency)
    },
    get(id) {
      return carts.has(id) ? describe(carts.get(id), currency) : null
    },
  }
}

function describe(cart, currency) {
  const lines = cart.lines.map((line) => ({ ...line, cents: findProduct(line.product).cents * line.count }))
  return { id: cart.id, currency, lines, cents: _.sumBy(lines, 'cents') }
}
