// The reason of a model failure for an ended step, from the record in a real store.
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

test('reports the last call if it was not answered', async () => {
  await prompted(2)
  expect(await modelTrouble(run, 2, { store })).toBeNull()
  await called(ANSWERED, DOWN)
  expect(await modelTrouble(run, 2, { store })).toEqual({ outcome: 'failed', why: DOWN.note })
  await called(ANSWERED)
  expect(await modelTrouble(run, 2, { store })).toBeNull()
})

test('an abandoned call does not hide an earlier failure', async () => {
  await prompted(2)
  await called(ANSWERED, DOWN, GONE, GONE)
  expect(await modelTrouble(run, 2, { store })).toEqual({ outcome: 'failed', why: DOWN.note })
})

test('a later call to another model does not hide an earlier failure', async () => {
  const other = { outcome: 'refused', refusal: 'model', status: 404, note: 'There is no model x.' } as const
  await prompted(2)
  await called(ANSWERED, DOWN, other)
  expect(await modelTrouble(run, 2, { store })).toEqual({ outcome: 'failed', why: DOWN.note })
  await called(ANSWERED, other)
  expect(await modelTrouble(run, 2, { store })).toEqual({ outcome: 'refused', why: other.note })
})

test('reports an abandoned call if all earlier calls were answered', async () => {
  await prompted(2)
  await called(ANSWERED, GONE)
  expect(await modelTrouble(run, 2, { store })).toEqual({ outcome: 'failed', why: GONE.note })
})

test('ignores failures of the previous step', async () => {
  await prompted(2)
  await called(DOWN)
  await prompted(3)
  expect(await modelTrouble(run, 3, { store })).toBeNull()
})
