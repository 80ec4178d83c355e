import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { createShop } from '../src/shop.js'

let server
let origin

before(async () => {
  server = createShop({ currency: 'CHF' }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${server.address().port}`
})

after(() => server.close())

async function call(path, { body, ...init } = {}) {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' }
  const response = await fetch(origin + path, {
    redirect: 'manual',
    method: body === undefined ? 'GET' : 'POST',
    headers,
    body,
    ...init,
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    json: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : null,
  }
}

test('the front page leads to the catalogue', async () => {
  const { status, headers } = await call('/')
  assert.equal(status, 302)
  assert.equal(headers.get('location'), '/products')
})

test('the catalogue can be searched and sorted', async () => {
  const { json } = await call('/products?q=tea&sort=price')
  assert.deepEqual(
    json.map((product) => product.id),
    ['mug', 'sencha', 'teapot'],
  )
})

test('a query that is no text does no harm', async () => {
  const { status } = await call('/products?q[__proto__][x]=1&q[]=2')
  assert.equal(status, 200)
  assert.equal({}.x, undefined)
})

test('a product, and one that is not there', async () => {
  assert.equal((await call('/products/kettle')).json.name, 'Kettle')
  assert.equal((await call('/products/spoon')).status, 404)
})

test('a cart adds up', async () => {
  const cart = (await call('/carts', { body: '' })).json
  await call(`/carts/${cart.id}/items`, { body: JSON.stringify({ product: 'mug', count: 2 }) })
  const { json } = await call(`/carts/${cart.id}/items`, { body: JSON.stringify({ product: 'sencha' }) })
  assert.equal(json.cents, 2 * 890 + 1250)
  assert.equal(json.currency, 'CHF')
  assert.deepEqual((await call(`/carts/${cart.id}`)).json, json)
})

test('what makes no sense is refused', async () => {
  const { json: cart } = await call('/carts', { body: '' })
  assert.equal((await call(`/carts/${cart.id}/items`, { body: JSON.stringify({ product: 'spoon' }) })).status, 422)
  assert.equal((await call(`/carts/${cart.id}/items`, { body: '{' })).status, 400)
  assert.equal((await call('/carts/nope/items', { body: JSON.stringify({ product: 'mug' }) })).status, 404)
  assert.equal((await call('/carts/nope')).status, 404)
})
