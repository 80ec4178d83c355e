// All ways in which a run can end: only its record survives, complete up to that moment.
import { once } from 'node:events'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { freeze, freezers } from '../freezers.ts'
import { LIMITS_ARE_NAMED } from '../machine.ts'
import { sandboxKinds, sandboxSection } from '../sandbox-kinds.ts'
import type { Bench } from './glovebox.ts'
import { finished, makeRepository, openBench } from './glovebox.ts'
import { makeDataFolder } from '../data-folder.ts'

/** Duration of the sleep of one test, a number that no other process on the machine uses. */
let marker = ''
let tests = 0

/** Bounds for a busy machine: they only keep a hanging run from hanging its test. */
const START_MS = 120_000
const END_MS = 60_000

/** Sandboxed processes, found on the host by the marker in their arguments. */
async function processesWith(marker: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')
      return line.startsWith(`sleep\0${marker}`) ? [Number(pid)] : []
    }),
  )
  return found.flat()
}

async function until(what: () => Promise<boolean>, withinMs: number): Promise<number> {
  const start = performance.now()
  while (!(await what())) {
    if (performance.now() - start > withinMs) throw new Error('it did not come to that in time')
    await sleep(20)
  }
  return performance.now() - start
}

/** The guest is the parent of a step's first process. */
async function guestOf(marker: string): Promise<number> {
  const [pid] = await processesWith(marker)
  const status = await readFile(`/proc/${pid}/status`, 'latin1')
  return Number(/^PPid:\t(\d+)$/m.exec(status)?.[1])
}

describe.each(await sandboxKinds())('$kind', (kind) => {
  let bench: Bench
  let repository: string
  beforeAll(async () => {
    bench = await openBench()
    await makeDataFolder(bench.data, sandboxSection(kind))
    repository = await makeRepository(bench.folder, 'project', { 'README.md': 'hello\n' })
  })
  afterAll(() => bench[Symbol.asyncDispose]())
  beforeEach(() => {
    tests += 1
    marker = String(tests * 1e9 + process.pid)
  })

  test('Ctrl-C: ends the sandbox, cancels the run, and keeps its record complete up to then', async () => {
    const child = bench.start('run', '--repo', repository, '--json', '--', 'sleep', marker)
    const ended = finished(child)
    await until(async () => (await processesWith(marker)).length > 0, START_MS)
    child.kill('SIGINT')
    await until(async () => (await processesWith(marker)).length === 0, END_MS)
    const { code, stdout } = await ended
    expect(code).toBe(130)
    const { run } = JSON.parse(stdout) as { run: { id: string; status: string } }
    expect(run.status).toBe('cancelled')
    const [end] = await bench.events(run.id, 'run.finished')
    expect(end?.body).toMatchObject({ status: 'cancelled' })
    expect(await bench.events(run.id, 'coverage.reported')).toHaveLength(1)
    const started = (await bench.events(run.id, 'process.started')).filter((event) => event.body.step === 1)
    const exits = await bench.events(run.id, 'process.exited')
    expect(exits.find((exit) => exit.body.pid === started[0]?.body.pid)?.body.signal).toBe(9)
  })

  test('kill -9 of Glovebox: no sandbox survives, the next start marks the run interrupted, and no event is missing', async () => {
    const child = bench.start('run', '--repo', repository, '--', 'sleep', marker)
    const ended = finished(child)
    await until(async () => (await processesWith(marker)).length > 0, START_MS)
    child.kill('SIGKILL')
    await until(async () => (await processesWith(marker)).length === 0, END_MS)
    await ended
    const { stdout } = await bench.glovebox('runs', 'show', 'latest', '--json')
    const { run } = JSON.parse(stdout) as { run: { id: string; status: string } }
    expect(run.status).toBe('interrupted')
    const trace = (await bench.glovebox('trace', run.id, '--json')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { seq: number; kind: string })
    expect(trace.map((event) => event.seq)).toEqual(trace.map((_, index) => index + 1))
    expect(trace.map((event) => event.kind)).toContain('process.started')
    expect(trace.at(-1)?.kind).toBe('run.finished')
    const [coverage] = await bench.events(run.id, 'coverage.reported')
    expect(coverage?.body.complete).toBe(false)
    expect(await readdir(`${bench.data}/sandboxes`)).toEqual([])
  })

  test.each([
    ['killed', 'SIGKILL', 'the guest is gone'],
    ['stopped', 'SIGSTOP', 'the guest was stopped by a signal from outside the sandbox'],
  ] as const)('a recorder that is %s ends the run, and coverage says so', async (_, signal, reason) => {
    const child = bench.start('run', '--repo', repository, '--json', '--', 'sleep', marker)
    const ended = finished(child)
    await until(async () => (await processesWith(marker)).length > 0, START_MS)
    process.kill(await guestOf(marker), signal)
    const { code, stdout } = await ended
    expect(code).toBe(4)
    expect(await processesWith(marker)).toEqual([])
    const { run } = JSON.parse(stdout) as { run: { id: string; status: string; reason: string } }
    expect(run).toMatchObject({ status: 'error', reason: `the recorder was lost: ${reason}` })
    const [coverage] = await bench.events(run.id, 'coverage.reported')
    expect(coverage?.body).toMatchObject({ complete: false, mechanism: 'lost' })
    expect(coverage?.body.blindSpots.join()).toContain(reason)
  })

  test.each(freezers())('a frozen recorder (cgroup version $version) counts as lost', async (freezer) => {
    const child = bench.start('run', '--repo', repository, '--json', '--', 'sleep', marker)
    const ended = finished(child)
    await until(async () => (await processesWith(marker)).length > 0, START_MS)
    await using _frozen = freeze(freezer, await guestOf(marker))
    const { code, stdout } = await ended
    expect(code).toBe(4)
    expect(await processesWith(marker)).toEqual([])
    const reason = 'the guest was frozen from outside the sandbox'
    const { run } = JSON.parse(stdout) as { run: { id: string; status: string; reason: string } }
    expect(run).toMatchObject({ status: 'error', reason: `the recorder was lost: ${reason}` })
    const [coverage] = await bench.events(run.id, 'coverage.reported')
    expect(coverage?.body).toMatchObject({ complete: false, mechanism: 'lost' })
    expect(coverage?.body.blindSpots.join()).toContain(reason)
    expect(await readdir(`${bench.data}/sandboxes`)).toEqual([])
  })

  test('while a run works, a second process follows its trace and can stop it', async () => {
    const child = bench.start('run', '--repo', repository, '--json', '--', 'sleep', marker)
    const ended = finished(child)
    await until(async () => (await processesWith(marker)).length > 0, START_MS)
    const follower = bench.start('trace', 'latest', '--follow', '--json')
    const follow = finished(follower)
    await once(follower.stdout as Readable, 'data')
    const cancel = await bench.glovebox('runs', 'cancel', 'latest')
    expect(cancel.code, cancel.stderr).toBe(0)
    const kinds = (await follow).stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind)
    expect(kinds[0]).toBe('run.requested')
    expect(kinds.at(-1)).toBe('run.finished')
    const { stdout } = await ended
    expect((JSON.parse(stdout) as { run: { status: string } }).run.status).toBe('cancelled')
  })

  test('ends a step over its time limit and names the limit', async () => {
    const tree = await makeRepository(bench.folder, 'slow', {
      '.glovebox/tasks/slow.yaml':
        'name: slow\ndescription: Takes its time\nmode: read-only\nsteps:\n  - name: wait\n    run: sleep 987604\n    timeout-minutes: 0.02\n  - name: after\n    if: failure()\n    run: echo told\n',
    })
    const { code, stdout } = await bench.glovebox('run', 'slow', '--repo', tree, '--json')
    expect(code).toBe(1)
    const { run } = JSON.parse(stdout) as { run: { id: string; reason: string } }
    expect(run.reason).toContain('timed out')
    expect((await bench.events(run.id, 'step.finished')).map((event) => event.body.outcome)).toEqual([
      'succeeded',
      'timed-out',
      'succeeded',
    ])
  })

  test.runIf(LIMITS_ARE_NAMED)(
    'what the configuration sets as the most memory holds for a task that asks for more',
    async () => {
      const data = join(bench.folder, 'small-data')
      await makeDataFolder(data, `limits: { memory: 96 MiB }\n${sandboxSection(kind)}`)
      const eat = 'const a = []; for (;;) a.push(Buffer.alloc(8e6, 1))'
      const { code, stdout } = await bench.glovebox(
        '--data',
        data,
        'run',
        '--repo',
        repository,
        '--json',
        '--',
        'node',
        '-e',
        eat,
      )
      expect(code).toBe(1)
      expect((JSON.parse(stdout) as { run: { reason: string } }).run.reason).toContain('memory limit 96 MiB')
    },
  )

  test.runIf(LIMITS_ARE_NAMED)('names a memory limit that was hit', async () => {
    const tree = await makeRepository(bench.folder, 'hungry', {
      '.glovebox/tasks/hungry.yaml':
        'name: hungry\ndescription: Eats memory\nmode: read-only\nlimits: { memory: 128 MiB }\nsteps:\n  - name: eat\n    run: node -e "const a = []; for (;;) a.push(Buffer.alloc(8e6, 1))"\n',
    })
    const { code, stdout } = await bench.glovebox('run', 'hungry', '--repo', tree, '--json')
    expect(code).toBe(1)
    expect((JSON.parse(stdout) as { run: { reason: string } }).run.reason).toContain('memory limit 128 MiB')
  })

  test('keeps what a step printed before a limit ended the run', async () => {
    const tree = await makeRepository(bench.folder, 'filling', {
      '.glovebox/tasks/filling.yaml':
        'name: filling\ndescription: Fills its workspace\nmode: read-only\nlimits: { workspace: 64 MiB }\nsteps:\n  - name: fill\n    run: echo before it; for n in $(seq 99); do head -c 8M /dev/zero > $n; done; sleep 600\n',
    })
    const { code, stdout } = await bench.glovebox('run', 'filling', '--repo', tree, '--json')
    expect(code).toBe(1)
    const { run } = JSON.parse(stdout) as { run: { id: string; reason: string } }
    expect(run.reason).toBe('workspace limit 64 MiB')
    const step = (await bench.events(run.id, 'step.finished')).at(-1)
    expect(step?.body).toMatchObject({ name: 'fill', outcome: 'failed', code: null, signal: null })
    expect((await bench.glovebox('output', run.id, 'fill')).stdout).toBe('before it\n')
  })
})
