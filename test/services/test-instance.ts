// An instance for tests of the server and the services: real services, policies, store and blobs in a folder of the
// test. Nothing executes: queued runs are handed to the test, which plays the worker.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { agentRegistry } from '../../src/agents/registry.ts'
import type { Services } from '../../src/contract/call.ts'
import type { Probe } from '../../src/contract/resources.ts'
import type { EndpointName } from '../../src/contract/table.ts'
import { RUNNER } from '../../src/domain/actor.ts'
import type { Ask } from '../../src/domain/ask.ts'
import type { Caller } from '../../src/domain/caller.ts'
import { ADVISORY_REPORT, type AdvisoryReport, type Change } from '../../src/domain/change.ts'
import type { EventBody, EventKind, NewEvent } from '../../src/domain/event.ts'
import { platformEvent } from '../../src/domain/event.ts'
import type { Run } from '../../src/domain/run.ts'
import { PUSH_BRANCH } from '../../src/domain/run.ts'
import type { RunRequest } from '../../src/domain/run-request.ts'
import { checkTaskFile, parseTask } from '../../src/domain/task/parse-task.ts'
import { masterKeyVariables } from '../../src/config/secrets.ts'
import { openCredentials } from '../../src/credentials/open-credentials.ts'
import type { ConnectionTest } from '../../src/credentials/types.ts'
import { createFakeForge, type FakeForge } from '../../src/forges/fake.ts'
import type { HostGit } from '../../src/git/host-git.ts'
import { loadPolicies } from '../../src/policy/load-policies.ts'
import { checkPolicyFile } from '../../src/policy/parse-policies.ts'
import { createPolicyEngine } from '../../src/policy/policy-engine.ts'
import { createFakeProvider } from '../../src/sandbox/fake.ts'
import { createLiveOutputs } from '../../src/runner/steps/live-output.ts'
import { createServices } from '../../src/services/create-services.ts'
import type { ServiceParts } from '../../src/services/parts.ts'
import type { Store } from '../../src/store/types.ts'
import { aChange, aRun, freshFolder, MACHINE, open } from '../store/sample-records.ts'
import { DIRECT } from '../../src/outgoing/settings.ts'

export interface TestInstance extends AsyncDisposable {
  /** The data folder. */
  readonly folder: string
  readonly store: Store
  /** The services of the server; each call is kept in `asked`. A test may replace a service. */
  readonly services: { -readonly [N in keyof Services]: Services[N] }
  readonly asked: { caller: Caller; endpoint: EndpointName }[]
  readonly forge: FakeForge
  probes: Probe[]
  /** The result of testing a connection. */
  readonly connectionTest: ConnectionTest
  /** The decrypted value of the stored secret with this name. */
  secretOf(name: string): Promise<string | null>
  /** Plays the worker: called when a run is queued. */
  onQueued: (run: Run) => Promise<void> | void
  addRun(fields?: Partial<Run>): Promise<Run>
  /** Adds a change whose commit is in quarantine. */
  addChange(fields: Partial<Change> & { run: string }, diff?: string): Promise<Change>
  addAsk(fields: Partial<Ask> & { id: string; run: string }): Promise<Ask>
  addOutput(
    run: string,
    step: number,
    output: { stdout?: Uint8Array; stderr?: Uint8Array },
    fields?: Partial<EventBody<'step.finished'>>,
  ): Promise<void>
  addArtifact(run: string, name: string, bytes: Uint8Array): Promise<void>
  addAdvisories(run: string, report: AdvisoryReport): Promise<void>
  emit<K extends EventKind>(run: string, kind: K, body: EventBody<K>): Promise<void>
  /** Records events with another source, such as `agent` or `kernel`. */
  emitAll(run: string, events: readonly Pick<NewEvent, 'kind' | 'body' | 'source'>[]): Promise<void>
  requestOf(run: Run): Promise<RunRequest>
  finish(run: string, status: Run['status']): Promise<void>
}

export interface TestInstanceOptions {
  /** Optional policies to put in force. */
  enable?: string[]
  /** Policies besides the built-in ones, in Cedar. */
  policies?: string[]
  /** Additional or replaced parts. */
  parts?: Partial<ServiceParts>
}

const NEVER = new AbortController().signal
const POLICIES = join(import.meta.dirname, '../../policies')
const TASK =
  'name: fix-vulnerabilities\ndescription: Repairs known vulnerabilities\nmode: write\ninputs: { level: { description: Severity, default: high }, note: { description: Note } }\nsteps: [{ name: audit, run: npm audit }]\n'

export async function openInstance({
  enable = [],
  policies: more = [],
  parts = {},
}: TestInstanceOptions = {}): Promise<TestInstance> {
  await using opening = new AsyncDisposableStack()
  const folder = opening.use(await freshFolder())
  const store = opening.use(await open(folder.path))
  const credentials = opening.use(
    await openCredentials({
      store,
      dataFolder: folder.path,
      masterKey: masterKeyVariables({}),
      connections: [],
      variable: () => undefined,
      hostEnvironment: {},
      outgoing: DIRECT,
      now: MACHINE.now,
    }),
  )
  const forge = createFakeForge()
  const extra = join(folder.path, 'policies')
  await mkdir(extra, { mode: 0o700 })
  for (const [index, text] of more.entries()) await writeFile(join(extra, `${index}.cedar`), text)
  const policies = loadPolicies({ builtInFolder: POLICIES, extraFolders: [extra], enable })
  const held = new Map<string, string>()
  const task = parseTask(TASK, 'tasks/fix-vulnerabilities.yaml')
  const all = {
    store,
    ids: MACHINE,
    policy: createPolicyEngine({ policies: policies.inForce, schema: policies.schema }),
    policies: policies.all.map(({ id, file, description, text }) => ({ id, file, description, text, enabled: true })),
    declaredServices: ['nightly'],
    repositories: new Map([['storefront', '/repos/storefront']]),
    openForge: (repository: string) => ({ ...forge, repository }),
    openAdvisories: async () => ({ kind: 'upstream', name: 'none', query: async () => [] }),
    git: quarantines(held),
    quarantines: join(folder.path, 'quarantine'),
    mirrors: join(folder.path, 'mirrors'),
    live: createLiveOutputs(),
    dataFolder: folder.path,
    version: '1.2.3',
    sandbox: createFakeProvider(),
    sandboxKinds: new Map([['fake', createFakeProvider()]]),
    tasks: [{ task, name: task.name, file: 'tasks/fix-vulnerabilities.yaml', text: TASK, source: 'built-in' as const }],
    parseTask,
    checkTask: (text: string) => checkTaskFile(text),
    checkPolicy: (text: string, file: string) => checkPolicyFile(text, file),
    ceilings: {},
    agents: agentRegistry([]),
    agentDefaults: { folders: {} },
    connections: credentials.connections,
    secrets: credentials.reader,
    storedSecrets: credentials.stored,
    testConnection: async () => instance.connectionTest,
    processName: 'test',
    workerIsGone: () => false,
    probes: async () => instance.probes,
    worker: { wake: () => void queued(), stop: (run: string) => stopped(run), whenUnrecorded: () => () => {} },
    ...parts,
  } as unknown as ServiceParts

  const asked: TestInstance['asked'] = []
  const services = Object.fromEntries(
    Object.entries(createServices(all)).map(([endpoint, service]) => [
      endpoint,
      (call: { caller: Caller }) => {
        asked.push({ caller: call.caller, endpoint: endpoint as EndpointName })
        return (service as (call: object) => unknown)(call)
      },
    ]),
  ) as unknown as TestInstance['services']

  async function queued(): Promise<void> {
    const { items } = await store.runs.list({ status: ['queued'], limit: 100 })
    for (const run of items) {
      const fields = { status: 'running' as const, startedAt: MACHINE.now() }
      await instance.onQueued(await store.transact((tx) => tx.runs.update(run.id, fields)))
    }
  }

  function stopped(run: string): boolean {
    setImmediate(() => void instance.finish(run, 'cancelled'))
    return true
  }

  const resources = opening.move()
  const instance: TestInstance = {
    folder: folder.path,
    store,
    services,
    asked,
    forge,
    probes: [],
    connectionTest: { outcome: 'works', message: 'it takes the key', cure: null, status: 200, missing: [] },
    async secretOf(name) {
      const secret = await credentials.reader.read({ kind: 'model', name, credential: { from: 'stored' } }, NEVER)
      return secret?.reveal() ?? null
    },
    onQueued: () => {},
    async addRun(fields = {}) {
      const run = aRun({ status: 'running', startedAt: 1, commit: 'a'.repeat(40), ...fields })
      await store.transact((tx) => tx.runs.insert(run))
      return run
    },
    async addChange(fields, diff = 'diff') {
      const { digest } = await store.blobs.put(new TextEncoder().encode(diff))
      const change = aChange(fields.run, { protectedPaths: [], findings: [], ...fields, diff: digest })
      await store.transact((tx) => tx.changes.insert(change))
      await mkdir(join(all.quarantines, `${change.run}.git`), { recursive: true })
      held.set(join(all.quarantines, `${change.run}.git`), change.commit)
      return change
    },
    async addAsk(fields) {
      const ask: Ask = { ...SAMPLE_ASK, openedAt: MACHINE.now(), deadline: MACHINE.now() + 600_000, ...fields }
      await store.transact((tx) => tx.asks.insert(ask))
      return ask
    },
    async addOutput(run, step, output, fields = {}) {
      const put = async (bytes: Uint8Array | undefined) => (bytes ? (await store.blobs.put(bytes)).digest : null)
      const [stdout, stderr] = [await put(output.stdout), await put(output.stderr)]
      await instance.emit(run, 'step.finished', { ...SAMPLE_STEP, step, stdout, stderr, ...fields })
    },
    async addArtifact(run, name, bytes) {
      await instance.emit(run, 'artifact.stored', { name, ...(await store.blobs.put(bytes)) })
    },
    addAdvisories: (run, report) =>
      instance.addArtifact(run, ADVISORY_REPORT, new TextEncoder().encode(JSON.stringify(report))),
    async emit(run, kind, body) {
      await store.record([platformEvent(run, kind, body)])
    },
    async emitAll(run, events) {
      await store.record(events.map((event) => ({ ...event, run, actor: RUNNER }) as NewEvent))
    },
    async requestOf({ request }) {
      const bytes = request === null ? null : await store.blobs.read(request)
      return JSON.parse(new TextDecoder().decode(bytes ?? undefined)) as RunRequest
    },
    async finish(id, status) {
      await store.transact(async (tx) => {
        const run = await tx.runs.get(id)
        await tx.runs.update(id, { status, finishedAt: MACHINE.now() })
        await tx.record([platformEvent(id, 'run.finished', { status, reason: run?.reason ?? null, wallMs: 1500 })])
      })
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
  return instance
}

const SAMPLE_ASK = {
  step: 1,
  agent: 'claude-code',
  call: 'call-1',
  title: 'Run the tests',
  tool: 'execute',
  command: 'npm test',
  paths: [],
  options: [],
  status: 'open' as const,
  decidedAt: null,
  decidedBy: null,
  note: null,
}

const SAMPLE_STEP = {
  name: 'audit',
  outcome: 'succeeded' as const,
  code: 0,
  signal: null,
  wallMs: 812,
  stdoutBytes: 5,
  stderrBytes: 0,
  outputOmitted: 0,
  stdoutCut: null,
  stderrCut: null,
}

/** A fake git that only knows which commit each run pushed into its quarantine. */
function quarantines(held: ReadonlyMap<string, string>): HostGit {
  return {
    exclusive: (_, work) => work(),
    async run({ gitDir = '', argv }) {
      const commit = argv.at(-1) === `refs/heads/${PUSH_BRANCH}` ? held.get(gitDir) : undefined
      return { code: commit === undefined ? 1 : 0, stdout: Buffer.from(`${commit ?? ''}\n`), stderr: '' }
    },
  } as Partial<HostGit> as HostGit
}
