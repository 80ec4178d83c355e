import { expect, test } from 'vitest'
import type { NewEvent } from '../domain/event.ts'
import { withinBudget } from './record-budget.ts'
import type { RunStore } from './record-budget.ts'

const KIB = 1024
const BYTES = new Uint8Array(KIB)
const DIGEST = `sha256:${'0'.repeat(64)}`

function open(limitBytes: number) {
  const recorded: NewEvent[] = []
  const over: string[] = []
  const put = async (bytes: Uint8Array) => ({ digest: DIGEST, bytes: bytes.byteLength })
  const store: RunStore = {
    async record(events) {
      recorded.push(...events)
      return []
    },
    blobs: {
      put,
      writer: async () => ({
        write: async () => {},
        read: async () => BYTES,
        finish: () => put(BYTES),
        abort: async () => {},
      }),
      read: async () => null,
      open: async () => null,
    },
  }
  return { budget: withinBudget(store, limitBytes, () => over.push('over')), recorded, over }
}

const exited: NewEvent = {
  run: '0123456789abcdefghjk',
  source: 'kernel',
  actor: { id: 'run:0123456789abcdefghjk' },
  kind: 'process.exited',
  body: { pid: 2, code: 0, signal: null, wallMs: 1, cpuMs: 1, maxRssBytes: 1 },
}
const stage: NewEvent = { ...exited, source: 'platform', kind: 'stage.started', body: { stage: 'close' } }
const pushed = (accepted: boolean): NewEvent => ({
  ...exited,
  source: 'gateway',
  kind: 'git.pushed',
  body: { repository: 'r', accepted, updates: [], packBytes: 64 * KIB, decision: { allowed: accepted, reasons: [] } },
})

test('adds up small events, refuses those over the budget, and still records the end of the run', async () => {
  const { budget, recorded, over } = open(8 * KIB)
  const all = Promise.all(Array.from({ length: 20 }, () => budget.record([exited])))
  await expect(all).rejects.toThrow(/used up its record limit/)
  expect(recorded.length).toBeLessThan(16)
  expect(over.length).toBeGreaterThan(0)
  await budget.record([stage])
  expect(recorded.at(-1)).toBe(stage)
})

test('counts bodies and output, whether in events or blobs', async () => {
  const { budget } = open(3 * KIB)
  await budget.blobs.put(BYTES)
  const writer = await budget.blobs.writer()
  await writer.write(BYTES)
  await writer.write(BYTES)
  await expect(writer.write(BYTES)).rejects.toThrow(/used up its record limit/)
  await expect(budget.blobs.put(BYTES)).rejects.toThrow(/used up its record limit/)
})

test('counts the objects of an accepted push, and none of a refused one', async () => {
  const { budget } = open(32 * KIB)
  await budget.record([pushed(false)])
  await expect(budget.record([pushed(true)])).rejects.toThrow(/used up its record limit/)
})
