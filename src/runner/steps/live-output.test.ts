import { expect, test } from 'vitest'
import { createLiveOutputs } from './live-output.ts'
import type { StepOutput } from './step-output.ts'

const RUN = '0123456789abcdefghj0'
const NEVER = new AbortController().signal

/** The output of a step that keeps its standard output in memory. */
function outputInMemory(): StepOutput {
  let kept = Buffer.alloc(0)
  return {
    write: async (_, bytes) => void (kept = Buffer.concat([kept, bytes])),
    read: async (_, offset) => kept.subarray(offset),
    isWhole: () => true,
    arrived: () => ({ stdoutBytes: 0, stderrBytes: 0 }),
    finish: async () => ({ stdout: null, stderr: null, stdoutCut: null, stderrCut: null }),
    abort: async () => {},
  }
}

test('gives a reader what was written before, and the rest as it is written, until the end of the step', async () => {
  const live = createLiveOutputs()
  const output = live.watch(RUN, 1, outputInMemory())
  await output.write('stdout', Buffer.from('early '))
  const reading = live.follow(RUN, 1, 'stdout', NEVER)![Symbol.asyncIterator]()
  const next = async () => String((await reading.next()).value)
  expect(await next()).toBe('early ')
  const waiting = next()
  await output.write('stdout', Buffer.from('late'))
  expect(await waiting).toBe('late')
  const end = reading.next()
  output[Symbol.dispose]()
  expect((await end).done).toBe(true)
})

test('ends for a reader who leaves, and knows no steps that are not at work', async () => {
  const live = createLiveOutputs()
  const leave = new AbortController()
  const output = live.watch(RUN, 1, outputInMemory())
  const reading = live.follow(RUN, 1, 'stdout', leave.signal)![Symbol.asyncIterator]()
  const end = reading.next()
  leave.abort()
  expect((await end).done).toBe(true)
  output[Symbol.dispose]()
  expect(live.follow(RUN, 1, 'stdout', NEVER)).toBeNull()
  expect(live.follow(RUN, 2, 'stdout', NEVER)).toBeNull()
})
