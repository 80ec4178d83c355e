// What a runner stands on, for its tests: real store, policies and git; a sandbox and a guest that do as they are told.
import { createLiveOutputs } from '../../src/runner/steps/live-output.ts'
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { driveAgent } from '../../src/agents/drive-agent.ts'
import { agentRegistry } from '../../src/agents/registry.ts'
import { canonicalJson } from '../../src/domain/canonical.ts'
import type { Run } from '../../src/domain/run.ts'
import { RunRequest } from '../../src/domain/run-request.ts'
import { parseTask } from '../../src/domain/task/parse-task.ts'
import { Task } from '../../src/domain/task/task.ts'
import { createFakeForge } from '../../src/forges/fake.ts'
import { createLocalForge } from '../../src/forges/local.ts'
import { openModels } from '../../src/gateway/model/open-models.ts'
import { loadPolicies } from '../../src/policy/load-policies.ts'
import { createPolicyEngine } from '../../src/policy/policy-engine.ts'
import type { RunnerParts } from '../../src/runner/job.ts'
import type { BuiltInTask } from '../../src/runner/plan/find-task.ts'
import type { RecoverParts } from '../../src/runner/recover-runs.ts'
import type { FakeGuest, FakeGuestOptions, FakeProvider, FakeProviderOptions } from '../../src/sandbox/fake.ts'
import { createFakeGuest, createFakeProvider } from '../../src/sandbox/fake.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/types.ts'
import type { ForgeFixture } from '../git/forge-fixture.ts'
import { createForge } from '../git/forge-fixture.ts'
import { aRun } from '../store/sample-records.ts'

export const ids = { now: () => Date.now(), random: (bytes: number) => randomBytes(bytes) }

export interface RunnerGround extends AsyncDisposable {
  readonly fixture: ForgeFixture
  readonly store: Store
  readonly parts: RunnerParts & RecoverParts & { store: Store }
  readonly sandbox: FakeProvider
  /** Of the last run that was opened. */
  readonly guest: () => FakeGuest
  /** A queued run of a task, as a request for it leaves it. */
  queue(request?: Partial<RunRequest>, fields?: Partial<Run>): Promise<Run>
}

export interface RunnerGroundOptions {
  guest?: FakeGuestOptions
  provider?: FakeProviderOptions
  /** Fields of the task `check`. */
  task?: object
  /** Folders with policies besides the built-in ones. */
  policies?: readonly string[]
  /** Sees the repository as it is, instead of a forge that only remembers. */
  fixture?: ForgeFixture
}

export async function openRunnerGround(options: RunnerGroundOptions = {}): Promise<RunnerGround> {
  await using opening = new AsyncDisposableStack()
  const fixture = options.fixture ?? opening.use(await createForge())
  const data = join(fixture.folder, 'data')
  await mkdir(data, { mode: 0o700, recursive: true })
  const store = opening.use(await openStore(data, { ids }))
  const policies = loadPolicies({
    builtInFolder: join(import.meta.dirname, '../../policies'),
    extraFolders: options.policies ?? [],
    enable: [],
  })
  const policy = createPolicyEngine({ policies: policies.inForce, schema: policies.schema })
  const sandbox = createFakeProvider(options.provider)
  const guests: FakeGuest[] = []
  const parts = {
    store,
    ids,
    sandbox,
    sandboxKinds: new Map([['fake', sandbox]]),
    git: fixture.git,
    policy,
    policySet: 'the policies',
    declaredServices: ['nightly'],
    askMs: 1000,
    listenForGuest: async () => ({
      accept: async () => {
        const guest = createFakeGuest(options.guest)
        guests.push(guest)
        return guest
      },
      close: () => {},
    }),
    openRunGateway: async () => ({ trustFiles: [], environment: {}, close: async () => {} }),
    openForge: (repository: string) => {
      const forge = createFakeForge({ repository })
      const { updateMirror } = createLocalForge(fixture.git, repository).git
      return { ...forge, git: { ...forge.git, updateMirror } }
    },
    openAdvisories: async () => ({ kind: 'upstream' as const, name: 'none', query: async () => [] }),
    budgets: { tasks: {} },
    ceilings: {},
    models: openModels({
      secrets: { read: async () => null, known: async () => [] },
      usage: store.usage,
      now: ids.now,
    }),
    agents: agentRegistry([]),
    agentDefaults: { folders: {} },
    connections: { list: async () => [], get: async () => null },
    drive: driveAgent,
    installedAgent: async () => ({ mounts: [], folder: null, installHint: '' }),
    advisories: { kind: 'upstream' as const, name: 'none', query: async () => [] },
    toolchain: { mounts: [], path: [], environment: {}, versions: {} },
    otherToolchains: { names: [], open: async () => Promise.reject(new Error('there is none')) },
    secrets: { known: async () => [] },
    reach: {},
    protectedPaths: [],
    tasks: [checkTask(options.task)],
    parseTask: (text: string, file: string) =>
      text.startsWith('{') ? Task.parse(JSON.parse(text)) : parseTask(text, file),
    mirrors: join(fixture.folder, 'mirrors'),
    live: createLiveOutputs(),
    sandboxes: join(fixture.folder, 'sandboxes'),
    quarantines: join(fixture.folder, 'quarantines'),
    workerIsGone: () => false,
  }
  const resources = opening.move()
  return {
    fixture,
    store,
    parts,
    sandbox,
    guest: () => guests.at(-1)!,
    async queue(given = {}, fields = {}) {
      const request = RunRequest.parse({ work: { kind: 'task', name: 'check' }, repository: fixture.forge, ...given })
      const { digest } = await store.blobs.put(new TextEncoder().encode(canonicalJson(request)))
      const task = request.work.kind === 'task' ? request.work.name : 'command'
      const { repository } = request
      const run = aRun({
        task,
        repository,
        mode: 'read-only',
        inputs: {},
        request: digest,
        createdAt: ids.now(),
        ...fields,
      })
      await store.transact((tx) => tx.runs.insert(run))
      return run
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

function checkTask(fields: object = {}): BuiltInTask {
  const task = Task.parse({
    name: 'check',
    description: 'd',
    mode: 'read-only',
    steps: [
      { name: 'one', run: 'true' },
      { name: 'two', run: 'true' },
    ],
    ...fields,
  })
  return { task, name: task.name, file: 'tasks/check.json', text: JSON.stringify(task), source: 'built-in' }
}
