// What the record says of the model of a step, when the step has ended: real store.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EventBody } from '../../src/domain/event.ts'
import { modelTrouble } from '../../src/runner/agents/model-trouble.ts'
import { platformEvent } from '../../src/domain/event.ts'
import type { Store } from '../../src/store/types.ts'
import { anId, aRun, freshFolder, open, SYSTEM, insertRun } from '../store/sample-records.ts'

let folder: Awaited<ReturnType<typeof freshFolder>>
let store: Store
let run: string
beforeEach(async () => {
  folder = await freshFolder()
  store = await open(folder.path)
  const inserted = aRun({ status: 'running' })
  run = inserted.id
  await insertRun(store, inserted)
})
afterEach(async () => {
  await store[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const DOWN = { outcome: 'failed', status: 502, note: "The provider of main can't be reached." } as const
const GONE = { outcome: 'failed', status: 499, note: 'the client went away' } as const
const ANSWERED = { outcome: 'answered', status: 200, note: null } as const

async function prompted(step: number): Promise<void> {
  const prompt = `sha256:${'0'.repeat(64)}` as const
  const agent = { agent: 'built-in', connection: 'main', model: 'good', wire: 'anthropic-messages' as const }
  await store.record([
    platformEvent(run, 'prompt.given', { step, ...agent, prompt, bytes: 1, maxTurns: 9, budget: {} }),
  ])
}

type End = Pick<EventBody<'model.called'>, 'outcome' | 'status' | 'note'> & Partial<EventBody<'model.called'>>

async function called(...ends: End[]): Promise<void> {
  for (const end of ends)
    await store.record([
      {
        run,
        source: 'gateway',
        actor: SYSTEM,
        kind: 'model.called',
        body: {
          ...{ call: anId(), connection: 'main', model: 'good', wire: null, method: 'POST', path: '/', request: null },
          ...{ currency: 'USD', decision: { allowed: true, reasons: [] }, refusal: null, estimated: false },
          ...{ inputTokens: null, outputTokens: null, cachedTokens: null, cacheWriteTokens: null, countedTokens: 0 },
          ...{ costMicros: 0, stopReason: null, tools: [], firstByteMs: null, wallMs: 1 },
          ...{ response: null, chunks: null, replaced: 0 },
          ...end,
        },
      },
    ])
}

test('the last call tells, where it was not answered', async () => {
  await prompted(2)
  expect(await modelTrouble(run, 2, { store })).toBeNull()
  await called(ANSWERED, DOWN)
  expect(await modelTrouble(run, 2, { store })).toEqual({ outcome: 'failed', why: DOWN.note })
  await called(ANSWERED)
  expect(await modelTrouble(run, 2, { store })).toBeNull()
})

test('a call that nobody waited for any more does not hide what was wrong before', async () => {
  await prompted(2)
  await called(ANSWERED, DOWN, GONE, GONE)
  expect(await modelTrouble(run, 2, { store })).toEqual({ outcome: 'failed', why: DOWN.note })
})

test('another model that the agent then asked for does not hide it, either', async () => {
  const other = { outcome: 'refused', refusal: 'model', status: 404, note: 'There is no model x.' } as const
  await prompted(2)
  await called(ANSWERED, DOWN, other)
  expect(await modelTrouble(run, 2, { store })).toEqual({ outcome: 'failed', why: DOWN.note })
  await called(ANSWERED, other)
  expect(await modelTrouble(run, 2, { store })).toEqual({ outcome: 'refused', why: other.note })
})

test('but tells where all was well before: the provider did not answer in all that time', async () => {
  await prompted(2)
  await called(ANSWERED, GONE)
  expect(await modelTrouble(run, 2, { store })).toEqual({ outcome: 'failed', why: GONE.note })
})

test('what the step before had to do with its model is not told again', async () => {
  await prompted(2)
  await called(DOWN)
  await prompted(3)
  expect(await modelTrouble(run, 3, { store })).toBeNull()
})
