// The way of a run where things go wrong: real store, policies and git; a sandbox and a guest that do as they are told.
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { driveAgent } from '../../src/agents/drive-agent.ts'
import { agentRegistry } from '../../src/agents/registry.ts'
import type { Event, EventKind } from '../../src/domain/event.ts'
import { newId } from '../../src/domain/ids.ts'
import { planSteps } from '../../src/domain/task/plan-steps.ts'
import type { Run } from '../../src/domain/run.ts'
import { Task } from '../../src/domain/task/task.ts'
import { createFakeForge } from '../../src/forges/fake.ts'
import { resolveRef, updateMirror } from '../../src/git/mirror.ts'
import { loadPolicies } from '../../src/policy/load-policies.ts'
import { createPolicyEngine } from '../../src/policy/policy-engine.ts'
import { openAskDesk } from '../../src/runner/asks/ask-desk.ts'
import { openModels } from '../../src/gateway/model/open-models.ts'
import type { Job, RunnerParts } from '../../src/runner/job.ts'
import { cancelled } from '../../src/runner/stop-reason.ts'
import { walkRun } from '../../src/runner/walk-run.ts'
import type { FakeGuest, FakeGuestOptions, FakeProviderOptions } from '../../src/sandbox/fake.ts'
import { createFakeGuest, createFakeProvider } from '../../src/sandbox/fake.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/types.ts'
import { createForge } from '../git/forge-fixture.ts'
import type { ForgeFixture } from '../git/forge-fixture.ts'

const ids = { now: () => Date.now(), random: (bytes: number) => randomBytes(bytes) }
let fixture: ForgeFixture
let store: Store
let lose: FakeGuest['lose']
let stopRecorder: (detail: string) => void

beforeEach(async () => {
  fixture = await createForge()
  await mkdir(join(fixture.folder, 'data'), { mode: 0o700 })
  store = await openStore(join(fixture.folder, 'data'), { ids })
})
afterEach(async () => {
  await store[Symbol.asyncDispose]()
  await fixture[Symbol.asyncDispose]()
})

interface Walked {
  run: Run
  guest: FakeGuest
  destroyed: boolean
  of<K extends EventKind>(kind: K): Extract<Event, { kind: K }>[]
}

async function walk(
  guestOptions: FakeGuestOptions,
  options: { provider?: FakeProviderOptions; cancel?: AbortController; task?: object } = {},
): Promise<Walked> {
  const mirror = join(fixture.folder, 'mirror.git')
  await updateMirror(fixture.git, mirror, { address: fixture.forge, kind: 'local' })
  const commit = await resolveRef(fixture.git, mirror, 'main')
  const task = Task.parse({
    name: 'check',
    description: 'd',
    mode: 'read-only',
    steps: [
      { name: 'one', run: 'true' },
      { name: 'two', run: 'true' },
    ],
    ...options.task,
  })
  const run: Run = {
    id: newId(ids),
    task: task.name,
    taskSource: 'built-in',
    repository: fixture.forge,
    ref: null,
    commit,
    mode: task.mode,
    inputs: {},
    sandbox: 'fake',
    requester: { id: 'user:ada' },
    status: 'queued',
    reason: null,
    createdAt: ids.now(),
    startedAt: null,
    finishedAt: null,
  }
  await store.runs.insert(run)
  const job: Job = {
    run,
    task,
    taskDigest: `sha256:${'0'.repeat(64)}`,
    steps: planSteps(task, {}, '/workspace/repo'),
    forge: createFakeForge({ repository: fixture.forge }),
    mirror,
    commit,
    targetBranch: 'main',
    base: null,
    agent: null,
  }
  const guest = createFakeGuest(guestOptions)
  lose = guest.lose
  const sandbox = createFakeProvider(options.provider)
  stopRecorder = (detail) => sandbox.started[0]?.stopRecorder(detail)
  const policies = loadPolicies({
    builtInFolder: join(import.meta.dirname, '../../policies'),
    extraFolders: [],
    enable: [],
  })
  const policy = createPolicyEngine({ policies: policies.inForce, schema: policies.schema })
  const parts: RunnerParts = {
    store,
    ids,
    sandbox,
    git: fixture.git,
    policy,
    asks: openAskDesk({ store, policy, ids }, 1000),
    listenForGuest: async () => ({ accept: async () => guest, close: () => {} }),
    openRunGateway: async () => ({
      trustFiles: [],
      environment: {},
      close: async () => {},
    }),
    budgets: { tasks: {} },
    models: openModels({
      secrets: { read: async () => null, known: async () => [] },
      usage: store.usage,
      now: ids.now,
    }),
    agents: agentRegistry([]),
    drive: driveAgent,
    installedAgent: async () => ({ mounts: [], folder: null, installHint: '' }),
    advisories: { kind: 'upstream', name: 'none', query: async () => [] },
    toolchain: { mounts: [], path: [], environment: {}, versions: {} },
    sandboxes: join(fixture.folder, 'sandboxes'),
    quarantines: join(fixture.folder, 'quarantines'),
  }
  await walkRun(job, parts, options.cancel?.signal ?? new AbortController().signal)
  const events = await store.events.list({ run: run.id })
  return {
    run: (await store.runs.get(run.id)) as Run,
    guest,
    destroyed: sandbox.started.every((started) => started.destroyed),
    of: (kind) => events.filter((event) => event.kind === kind) as never,
  }
}

test('a run walks its stages in the order of the design and says how it ended', async () => {
  const { run, of, destroyed } = await walk({})
  expect(run.status).toBe('succeeded')
  expect(of('stage.started').map((event) => event.body.stage)).toEqual([
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

test('a recorder that is stopped from outside ends the run, and coverage says what was seen (invariant 7)', async () => {
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

test('a run that floods the record is ended, with its end on the record', async () => {
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

test('a failed self-test runs nothing', async () => {
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

test('a self-test without an answer is a failed one', async () => {
  const { run, guest } = await walk({ isolation: [] })
  expect(run.status).toBe('error')
  expect(guest.commands).toEqual([])
})

test('a sandbox that does not start is a platform error with its reason, and nothing is left open', async () => {
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

test('a failed step stops the others but not what is for failure, and the run fails with its name', async () => {
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

test('cancelling ends the step that runs, and the run is cancelled by name', async () => {
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

test('a promised artifact that is not there fails the run; one that is there is kept', async () => {
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
  expect(Buffer.from((await store.blobs.read(stored?.body.digest as never)) ?? []).toString()).toBe('hello')
})
