import { describe, expect, test } from 'vitest'
import { noFacts } from '../answer/answer-facts.ts'
import { countCall } from './count-call.ts'

const ESTIMATED = { input: 50, maxOutput: 1000 }
const PRICE = { input: 1, output: 10 }
const seen = { ...noFacts(), input: 40, output: 3, written: 300 }

describe('what a call counts', () => {
  test('is what the provider counted, when it came to its end', () => {
    expect(countCall(seen, ESTIMATED, PRICE, 'whole')).toEqual({ tokens: 43, costMicros: 70, estimated: false })
  })

  test('is what there was of it, when the provider broke off', () => {
    expect(countCall(seen, ESTIMATED, PRICE, 'broken')).toEqual({ tokens: 140, costMicros: 1040, estimated: true })
    expect(countCall(noFacts(), ESTIMATED, PRICE, 'broken')).toMatchObject({ tokens: 50 })
  })

  test('is what was reserved, when its client left: leaving is no way around a budget', () => {
    expect(countCall(seen, ESTIMATED, PRICE, 'left')).toEqual({ tokens: 1040, costMicros: 10_040, estimated: true })
    expect(countCall(noFacts(), ESTIMATED, PRICE, 'left')).toMatchObject({ tokens: 1050 })
    expect(countCall(noFacts(), { input: 50, maxOutput: null }, PRICE, 'left')).toMatchObject({ tokens: 50 + 8192 })
    const longer = { ...seen, output: 20_000 }
    expect(countCall(longer, ESTIMATED, PRICE, 'left')).toMatchObject({ tokens: 20_040 })
  })
})
