import express from 'express'
import { createCarts } from './carts.js'
import { findProduct, searchProducts } from './catalogue.js'

export function createShop({ currency = 'EUR' } = {}) {
  const carts = createCarts({ currency })
  const app = express()
  app.disable('x-powered-by')
  app.use(express.json({ limit: '16kb' }))

  app.get('/', (request, response) => response.redirect('/products'))
  app.get('/products', (request, response) => {
    response.json(searchProducts({ q: String(request.query.q ?? ''), sort: String(request.query.sort ?? 'name') }))
  })
  app.get('/products/:id', (request, response) => answer(response, findProduct(request.params.id)))

  app.post('/carts', (request, response) => response.status(201).json(carts.open()))
  app.post('/carts/:id/items', (request, response) => answer(response, carts.add(request.params.id, request.body)))
  app.get('/carts/:id', (request, response) => answer(response, carts.get(request.params.id)))

  app.use((request, response) => answer(response, null))
  app.use((error, request, response, next) => {
    response.status(error instanceof RangeError ? 422 : (error.status ?? 500)).json({ error: error.message })
  })
  return app
}

function answer(response, value) {
  if (value) response.json(value)
  else response.status(404).json({ error: 'not found' })
}
