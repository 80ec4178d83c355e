import { describe, expect, test } from 'vitest'
import { noFacts } from '../answer/answer-facts.ts'
import { countCall, reservedFor, type AnswerEnd, type Estimated } from './count-call.ts'

const CALL = { kind: 'call', wire: 'openai-responses' } as const
const CONNECTION = { prices: { good: { input: 1, output: 10 } } }
const ASKED: Estimated = {
  model: 'good',
  inputEstimate: 50,
  maxOutput: 1000,
  passes: 1,
  times: new Map(),
  cachedForHour: false,
}
const seen = { ...noFacts(), input: 40, output: 3, written: 300 }

function counted(
  facts: typeof seen | ReturnType<typeof noFacts>,
  end: AnswerEnd = 'whole',
  asked: Partial<Estimated> = {},
) {
  return countCall(CALL, facts, { ...ASKED, ...asked }, { connection: CONNECTION, end })
}

describe('the count of a call', () => {
  test('is the count of the provider if the answer is complete', () => {
    expect(counted(seen)).toEqual({ tokens: 43, costMicros: 70, estimated: false })
  })

  test('is the reservation if the answer is cut, so that a client cannot save budget by hanging up', () => {
    expect(counted(seen, 'cut')).toEqual({ tokens: 1040, costMicros: 10_040, estimated: true })
    expect(counted(noFacts(), 'cut')).toMatchObject({ tokens: 1050 })
    expect(counted(noFacts(), 'cut', { maxOutput: null })).toMatchObject({ tokens: 50 + 8192 })
    expect(counted({ ...seen, output: 20_000 }, 'cut')).toMatchObject({ tokens: 20_040 })
  })

  test('is the reservation if a complete answer has no usage', () => {
    expect(counted({ ...noFacts(), written: 300 })).toEqual({ tokens: 1050, costMicros: 10_050, estimated: true })
    expect(counted({ ...seen, output: null })).toMatchObject({ tokens: 1040, estimated: true })
  })

  test('is the reservation if the answer is a job that goes on, whatever usage it reports', () => {
    expect(counted({ ...seen, unfinished: 'queued' })).toMatchObject({ tokens: 1050, estimated: true })
  })

  test('is zero for a list of models or a count of tokens', () => {
    const end = { connection: CONNECTION, end: 'whole' } as const
    expect(countCall({ kind: 'count', wire: null }, seen, ASKED, end)).toMatchObject({ tokens: 0, costMicros: 0 })
  })

  test('uses the price of the tier that answered, even if the request named no tier', () => {
    const served = new Map([['service_tier', 'priority']])
    expect(counted({ ...seen, served })).toMatchObject({ tokens: 43, costMicros: 175 })
    expect(counted({ ...seen, served: new Map([['service_tier', 'flex']]) })).toMatchObject({ costMicros: 70 })
  })

  test('includes compactions, which providers count separately', () => {
    expect(counted({ ...seen, beside: { input: 7, output: 5 } })).toMatchObject({ tokens: 55, costMicros: 127 })
  })

  test('charges a cache of an hour at twice the price of input', () => {
    const facts = { ...seen, cacheWrite: 30, cacheWriteHour: 20 }
    expect(counted(facts)).toMatchObject({ costMicros: 20 + 20 * 2 + 30 })
  })
})

describe('the reservation of a call', () => {
  test('is input and output at the highest price of its fields', () => {
    expect(reservedFor(CALL, ASKED, CONNECTION)).toEqual({ tokens: 1050, costMicros: 10_050 })
    const times = new Map([
      ['speed=fast', 6],
      ['inference_geo=us', 1.1],
    ])
    expect(reservedFor(CALL, { ...ASKED, times }, CONNECTION)).toEqual({ tokens: 1050, costMicros: 66_330 })
  })

  test('uses the factor in the price of the model', () => {
    const times = new Map([['service_tier=priority', 2.5]])
    const priced = { prices: { good: { input: 1, output: 10, times: { 'service_tier=priority': 2 } } } }
    expect(reservedFor(CALL, { ...ASKED, times }, priced)).toMatchObject({ costMicros: 20_100 })
    expect(reservedFor(CALL, { ...ASKED, model: 'constructor', times }, priced)).toMatchObject({ costMicros: null })
  })

  test('is doubled if the provider may compact', () => {
    expect(reservedFor(CALL, { ...ASKED, passes: 2 }, CONNECTION)).toMatchObject({ tokens: 2100 })
  })

  test('includes the price of an hour-long cache if the request asks for one', () => {
    expect(reservedFor(CALL, { ...ASKED, cachedForHour: true }, CONNECTION)).toMatchObject({ costMicros: 10_100 })
  })
})
