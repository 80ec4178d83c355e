// Acknowledged writes survive kill -9 and a full disk. (Surviving a power failure depends on synchronous=FULL and the
// fsyncs of the blob writer, which a test on one machine cannot check.)
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/store/types.ts'
import { aRun, freshFolder, open, insertRun } from './sample-records.ts'

const CHILD = join(import.meta.dirname, 'record-until-killed.ts')
const ROUNDS = 6

describe('after kill -9', () => {
  test(
    'all that was acknowledged is there, without a gap, and mutations match their events',
    { timeout: 60_000 },
    async () => {
      await using folder = await freshFolder()
      const run = await prepareRun(folder.path)
      const acknowledged: string[] = []
      for (let round = 0; round < ROUNDS; round++) {
        const lines = await runAndKill(folder.path, run, Math.random() * 250)
        expect(lines.filter((line) => line.startsWith('failed'))).toEqual([])
        acknowledged.push(...lines)
        await using store = await open(folder.path)
        await expectAllThere(store, run, acknowledged)
        expect(await readdir(join(folder.path, 'blobs', 'unfinished'))).toEqual([])
      }
      expect(acknowledged.filter((line) => line.startsWith('event')).length).toBeGreaterThanOrEqual(ROUNDS)
      expect(acknowledged.filter((line) => line.startsWith('blob')).length).toBeGreaterThanOrEqual(ROUNDS)
    },
  )
})

describe('on a full disk', () => {
  test('record() and transact() reject, and acknowledged writes are kept', { timeout: 60_000 }, async () => {
    await using folder = await freshFolder()
    const run = await prepareRun(folder.path)
    // Files of at most 400 blocks of 512 bytes: the kernel's EFBIG stands in for a full disk and needs no root.
    const argv = ['-c', 'ulimit -f 400 && exec "$0" "$@"', process.execPath, CHILD, folder.path, run]
    const child = spawn('/bin/sh', argv, { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = await linesOf(child)
    // Three loops record and one transacts; none of them finished.
    expect(lines.filter((line) => line === 'failed not-written')).toHaveLength(3)
    expect(lines.filter((line) => line.startsWith('failed'))).toHaveLength(4)
    await using store = await open(folder.path)
    await expectAllThere(store, run, lines)
  })
})

async function prepareRun(folder: string): Promise<string> {
  await using store = await open(folder)
  const run = aRun({ inputs: { count: '0' } })
  await insertRun(store, run)
  return run.id
}

async function runAndKill(folder: string, run: string, afterMs: number): Promise<string[]> {
  const child = spawn(process.execPath, [CHILD, folder, run], { stdio: ['ignore', 'pipe', 'inherit'] })
  return await linesOf(child, (said) => {
    if (/^blob /m.test(said) && /^event /m.test(said)) setTimeout(() => child.kill('SIGKILL'), afterMs)
  })
}

async function linesOf(child: ChildProcess, onOutput: (said: string) => void = () => {}): Promise<string[]> {
  let text = ''
  for await (const chunk of child.stdout!) onOutput((text += chunk))
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  return whole.split('\n').filter((line) => line !== '')
}

async function expectAllThere(store: Store, run: string, lines: readonly string[]): Promise<void> {
  const events = await store.events.list({ run })
  expect(events.map((event) => event.seq)).toEqual(Array.from({ length: events.length }, (_, index) => index + 1))
  const seqById = new Map(events.map((event) => [event.id, event.seq]))
  for (const line of lines) {
    const [what, id = '', seq] = line.split(' ')
    if (what === 'event') expect([line, seqById.get(id)]).toEqual([line, Number(seq)])
    if (what === 'blob') expect((await store.blobs.read(id))?.length).toBeGreaterThan(0)
  }
  const counted = events.filter((event) => event.kind === 'stage.started' && event.body.stage === 'counted')
  expect((await store.runs.get(run))?.inputs).toEqual({ count: String(counted.length) })
  expect((await store.events.summary(run)).events).toBe(events.length)
  // Events without a position when the process ended have one now, after the earlier positions.
  await store.log.settle()
  const entries = await store.log.list({ limit: 1_000_000 })
  expect(entries.map(({ position }) => position)).toEqual(entries.map((_, index) => index + 1))
  expect(entries.map(({ event }) => event)).toEqual(events)
}
