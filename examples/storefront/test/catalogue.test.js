import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findProduct, searchProducts } from '../src/catalogue.js'

const ids = (products) => products.map((product) => product.id)

test('everything, by name', () => {
  assert.deepEqual(ids(searchProducts()), ['beans', 'kettle', 'mug', 'sencha', 'teapot'])
})

test('every word must be there', () => {
  assert.deepEqual(ids(searchProducts({ q: 'Kitchen TEA', sort: 'price' })), ['mug', 'teapot'])
})

test('an order that is none falls back to the name', () => {
  assert.deepEqual(ids(searchProducts({ q: 'coffee', sort: 'colour' })), ['beans', 'mug'])
})

test('one product', () => {
  assert.equal(findProduct('mug').cents, 890)
  assert.equal(findProduct('spoon'), undefined)
})
