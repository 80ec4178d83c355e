// Runs with failures in each stage: real store, policies and git; a fake sandbox and a fake guest.
import { afterEach, expect, test } from 'vitest'
import type { Event, EventKind } from '../../src/domain/event.ts'
import { RunPlan } from '../../src/domain/run-plan.ts'
import type { Run } from '../../src/domain/run.ts'
import { cancelled } from '../../src/runner/stop-reason.ts'
import { walkRun } from '../../src/runner/walk-run.ts'
import type { FakeGuest, FakeGuestOptions, FakeProviderOptions } from '../../src/sandbox/fake.ts'
import { openRunnerGround, type RunnerGround } from './runner-ground.ts'

let ground: RunnerGround
/** A test may walk more than one run. */
let grounds = new AsyncDisposableStack()
const lose = (error: Error): void => ground.guest().lose(error)
const stopRecorder = (detail: string): void => ground.sandbox.started[0]?.stopRecorder(detail)

afterEach(async () => {
  await grounds.disposeAsync()
  grounds = new AsyncDisposableStack()
})

interface Walked {
  run: Run
  guest: FakeGuest
  destroyed: boolean
  of<K extends EventKind>(kind: K): Extract<Event, { kind: K }>[]
}

async function walk(
  guest: FakeGuestOptions,
  options: { provider?: FakeProviderOptions; cancel?: AbortController; task?: object; request?: object } = {},
): Promise<Walked> {
  const { provider = {}, task = {}, cancel, request = {} } = options
  ground = grounds.use(await openRunnerGround({ guest, provider, task }))
  const { store, parts, sandbox } = ground
  const queued = await ground.queue(request)
  const run = await store.transact((tx) => tx.runs.update(queued.id, { status: 'running', startedAt: 1 }))
  await walkRun(run, parts, cancel?.signal ?? new AbortController().signal)
  const events = await store.events.list({ run: run.id })
  return {
    run: (await store.runs.get(run.id)) as Run,
    guest: ground.guest(),
    destroyed: sandbox.started.every((started) => started.destroyed),
    of: (kind) => events.filter((event) => event.kind === kind) as never,
  }
}

test('a run executes its stages in the order of the design and records its outcome', async () => {
  const { run, of, destroyed } = await walk({})
  expect(run.status).toBe('succeeded')
  expect(of('stage.started').map((event) => event.body.stage)).toEqual([
    'resolve',
    'prepare',
    'open',
    'work',
    'collect',
    'close',
    'inspect',
    'propose',
  ])
  expect(of('step.finished').map((event) => [event.body.name, event.body.outcome])).toEqual([
    ['clone', 'succeeded'],
    ['one', 'succeeded'],
    ['two', 'succeeded'],
  ])
  expect(destroyed).toBe(true)
})

test('losing the recorder ends the run, and coverage says that the record is incomplete (invariant 7)', async () => {
  const { run, of, guest, destroyed } = await walk({
    async run({ step }, _, signal) {
      if (step === 0) return {}
      lose(new Error('the guest broke protocol'))
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      return {}
    },
  })
  expect(run).toMatchObject({ status: 'error', reason: expect.stringContaining('the guest broke protocol') as string })
  expect(of('coverage.reported')[0]?.body).toMatchObject({ complete: false, mechanism: 'lost' })
  expect(guest.commands.map((command) => command.step)).toEqual([0, 1])
  expect(destroyed).toBe(true)
})

test('stopping the recorder from outside ends the run, and coverage says how it was stopped (invariant 7)', async () => {
  const { run, of, destroyed } = await walk({
    async run({ step }, _, signal) {
      if (step === 0) return {}
      stopRecorder('the guest was stopped')
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      return {}
    },
  })
  expect(run).toMatchObject({ status: 'error', reason: 'the recorder was lost: the guest was stopped' })
  expect(of('coverage.reported')[0]?.body).toMatchObject({
    complete: false,
    mechanism: 'lost',
    blindSpots: [expect.stringContaining('the guest was stopped')],
  })
  expect(destroyed).toBe(true)
})

test('ends a run that floods the record, and records its end', async () => {
  const path = new TextEncoder().encode('/tmp/x'.padEnd(4000, 'x'))
  const lists = { read: [path], created: [], removed: [], renamed: [], attempted: [], omitted: 0 }
  const { run, of, destroyed } = await walk(
    {
      async run({ step }, sink) {
        if (step === 0) return
        for (let at = 0; at < 1000; at++)
          await sink.reports([{ kind: 'file.accessed', step, pid: 2, ...lists, written: [] }])
      },
    },
    { task: { limits: { record: '256 KiB' } } },
  )
  expect(run).toMatchObject({ status: 'failed', reason: 'record limit 262144 bytes' })
  expect(of('file.accessed').length).toBeLessThan(80)
  expect(of('run.finished')).toHaveLength(1)
  expect(of('sandbox.ended')).toHaveLength(1)
  expect(destroyed).toBe(true)
})

test('a failed self-test runs no step', async () => {
  const { run, guest, of, destroyed } = await walk({
    isolation: [{ check: 'no route', passed: false, detail: 'eth0 is there' }],
  })
  expect(run).toMatchObject({ status: 'error', reason: expect.stringContaining('no route (eth0 is there)') as string })
  expect(guest.commands).toEqual([])
  expect(of('sandbox.started')[0]?.body.isolation).toEqual([
    { check: 'no route', passed: false, detail: 'eth0 is there' },
  ])
  expect(destroyed).toBe(true)
})

test('a self-test without an answer counts as failed', async () => {
  const { run, guest } = await walk({ isolation: [] })
  expect(run.status).toBe('error')
  expect(guest.commands).toEqual([])
})

test('a sandbox that does not start is a platform error with its reason, and leaves nothing open', async () => {
  const { run, of } = await walk(
    {},
    {
      provider: {
        onStart: () => {
          throw new Error('no user namespaces here')
        },
      },
    },
  )
  expect(run).toMatchObject({ status: 'error', reason: expect.stringContaining('no user namespaces here') as string })
  expect(of('run.finished')[0]?.body.status).toBe('error')
  expect(of('platform.failed')[0]?.body.detail).toContain('no user namespaces here')
})

test('a failed step skips later steps except those for failures, and the run fails with its name', async () => {
  const steps = [
    { name: 'breaks', run: 'false' },
    { name: 'passed over', run: 'true' },
    { name: 'explains', run: 'true', if: 'failure()' },
  ]
  const { run, of } = await walk(
    { run: async ({ step }) => (step === 1 ? { code: 3 } : undefined) },
    { task: { steps } },
  )
  expect(run).toMatchObject({ status: 'failed', reason: 'step `breaks` exited with 3' })
  expect(of('step.finished').map((event) => event.body.outcome)).toEqual([
    'succeeded',
    'failed',
    'skipped',
    'succeeded',
  ])
})

test('cancelling ends the running step, and the run names who cancelled it', async () => {
  const cancel = new AbortController()
  const { run, of } = await walk(
    {
      run: async ({ step }, _, signal) => {
        if (step !== 1) return {}
        cancel.abort(cancelled('user:ada'))
        await new Promise<void>((resolve) =>
          signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve()),
        )
        return { code: null, signal: 9 }
      },
    },
    { cancel },
  )
  expect(run).toMatchObject({ status: 'cancelled', reason: 'cancelled by user:ada' })
  expect(of('step.finished').at(-1)?.body.outcome).toBe('cancelled')
  expect(of('coverage.reported')).toHaveLength(1)
})

test('a missing required artifact fails the run, and present artifacts are kept', async () => {
  const artifacts = [{ name: 'report.md', path: '/tmp/artifacts/report.md' }]
  expect((await walk({}, { task: { artifacts } })).run).toMatchObject({
    status: 'failed',
    reason: expect.stringContaining('report.md') as string,
  })
  const { run, of } = await walk(
    { files: { '/tmp/artifacts/report.md': Buffer.from('hello') } },
    { task: { artifacts } },
  )
  expect(run.status).toBe('succeeded')
  const [stored] = of('artifact.stored')
  expect(Buffer.from((await ground.store.blobs.read(stored?.body.digest as never)) ?? []).toString()).toBe('hello')
})

test('records the plan before anything else, with everything that the run will do', async () => {
  const { run, of } = await walk({}, { request: { mode: 'read-only' } })
  const [planned] = of('run.planned')
  expect(of('stage.started')[1]!.seq).toBeGreaterThan(planned!.seq)
  expect(run).toMatchObject({ plan: planned!.body.plan, commit: planned!.body.commit, taskSource: 'built-in' })
  const text = async (digest: string) =>
    new TextDecoder().decode((await ground.store.blobs.read(digest as `sha256:${string}`)) ?? undefined)
  const plan = RunPlan.parse(JSON.parse(await text(planned!.body.plan)))
  expect(plan).toMatchObject({
    source: { repository: ground.fixture.forge, target: 'main', commit: run.commit, base: null },
    task: { name: 'check', source: 'built-in' },
    sandbox: 'fake',
    agent: null,
  })
  expect(await text(plan.task.text)).toContain('"name":"check"')
  expect(await text(plan.policies.set)).toBe('the policies')
})

test.each([
  [{ work: { kind: 'task', name: 'chekc' } }, /there is no task `chekc`; did you mean `check`\?/],
  [{ ref: 'mian' }, /no branch, tag or commit "mian".*main/],
  [{ mode: 'write' }, /check is read-only/],
  [{ sandbox: 'moon' }, /no sandbox kind `moon`; known: fake, docker/],
])('a request that cannot be planned ends as invalid, with the cure: %o', async (request, reason) => {
  const { run, of } = await walk({}, { request })
  expect(run).toMatchObject({ status: 'invalid', plan: null, reason: expect.stringMatching(reason) as string })
  expect(of('stage.started').map(({ body }) => body.stage)).toEqual(['resolve'])
  expect(of('run.finished')[0]?.body).toMatchObject({ status: 'invalid' })
  expect(ground.sandbox.started).toEqual([])
})
