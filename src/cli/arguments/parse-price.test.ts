import { expect, test } from 'vitest'
import { collectPrice } from './parse-price.ts'

test('prices are collected by model, whose name may hold anything', () => {
  const first = collectPrice('gpt-5=1.25/10')
  expect(collectPrice('vendor/m=x=.5/2/0.1/3', first)).toEqual({
    'gpt-5': { input: 1.25, output: 10 },
    'vendor/m=x': { input: 0.5, output: 2, 'cached-input': 0.1, 'cache-write': 3 },
  })
})

test.each(['gpt-5', 'gpt-5=1', '=1/2', 'gpt-5=1/2/3/4/5', 'gpt-5=1/x', 'gpt-5=-1/2', 'gpt-5=1.2.3/4', 'gpt-5=./2'])(
  '%s is no price',
  (text) => {
    expect(() => collectPrice(text)).toThrow(/It is MODEL=IN\/OUT|A price is a number/)
  },
)
