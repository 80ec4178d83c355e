// Executes attempts: each is a separate run in a real sandbox, with real policies, gateway, git and store.
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { openContext } from '../../src/context.ts'
import type { Budget } from '../../src/domain/budget.ts'
import type { Event, EventKind } from '../../src/domain/event.ts'
import { Task } from '../../src/domain/task/task.ts'
import type { DownloadedBytes } from '../../src/contract/client.ts'
import type { BuiltInTask } from '../../src/runner/plan/find-task.ts'
import type { Context } from '../../src/services/types.ts'
import { clientOf } from '../services/client-of.ts'
import { makeRepository, PROJECT } from '../main-job/glovebox.ts'
import type { SandboxKindUnderTest } from '../sandbox-kinds.ts'
import { sandboxSection } from '../sandbox-kinds.ts'
import type { Attempt, AttemptGround, AttemptOutcome, OtherRun } from './attempt.ts'
import { buildPrograms, PROGRAMS } from './build-programs.ts'
import { CANARY } from './canary.ts'
import { writeCarelessPolicies } from './careless-policies.ts'
import { hostState } from './host-state.ts'
import { openTrapRegistries } from './trap-registries.ts'
import { typeCommand } from './type-command.ts'
import { expectUnharmed } from './unharmed.ts'
import { makeDataFolder } from '../data-folder.ts'

const ATTACKER = { id: 'user:attacker' }
/** Small limits, so that a bomb hits them quickly and a failing wall does no harm to the machine. */
const LIMITS = {
  'wall-minutes': 1.5,
  memory: '256 MiB',
  processes: 96,
  workspace: '64 MiB',
  record: '64 MiB',
  output: '1 MiB',
}

export interface Battery extends AsyncDisposable {
  readonly context: Context
  /** Runs the attempt, then asserts what must hold after every attempt, then the attempt's own claims. */
  attempt(attempt: Attempt): Promise<AttemptOutcome>
}

/** An agent that does nothing: a run only reaches models if its task asks an agent. */
const IDLE = 'idle'
const AGENTS = { default: IDLE, custom: { [IDLE]: { protocol: 'plain', argv: ['true'], stdin: true } } }

/** `attempts`: the attempts that may run. */
export async function openBattery(underTest: SandboxKindUnderTest, attempts: readonly Attempt[]): Promise<Battery> {
  await buildPrograms()
  process.env['AWS_SECRET_ACCESS_KEY'] = CANARY
  await using opening = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'glovebox-hostile-'))
  opening.defer(() => rm(folder, { recursive: true, force: true }))
  const data = join(folder, 'data')
  await makeDataFolder(data)
  const configuration = [
    sandboxSection(underTest),
    await writeCarelessPolicies(data),
    stringify({ agents: AGENTS, budgets: { tasks: budgetsOf(attempts) } }),
  ].join('')
  await writeFile(join(data, 'glovebox.yaml'), configuration, { mode: 0o600 })
  const trapped = attempts.some(({ group }) => group === 'registries')
  const registries = trapped ? opening.use(await openTrapRegistries(folder)) : null
  const template = await makeRepository(folder, 'template', { 'README.md': 'hello\n' }, { bare: true })
  const tasks: BuiltInTask[] = []
  const opened = await openContext({ dataFolder: data, work: true }, ({ parseTask, toolchain }) => ({
    tasks,
    // Tests give a task as JSON, with sizes as numbers.
    parseTask: (text, file) => (text.startsWith('{') ? Task.parse(JSON.parse(text)) : parseTask(text, file)),
    toolchain: { ...toolchain, mounts: [...toolchain.mounts, { source: PROGRAMS, target: '/opt/hostile' }] },
  }))
  const context = opening.use(opened)
  const ours = ['git', 'toolchain', 'glovebox.yaml'].map((name) => join(data, name))
  const guarded = [...ours, PROGRAMS, join(PROJECT, 'build/guest/glovebox-guest')]
  let count = 0

  async function attempt(tried: Attempt): Promise<AttemptOutcome> {
    const ground: AttemptGround = {
      ...(await prepareGround(join(folder, `ground-${count++}`), template)),
      kind: underTest.kind,
      data,
      registries,
      env: {},
      type: (...args) => typeCommand(context, args),
      otherRun: (script) => startOther(context, tasks, otherThan(tried, script), ground),
    }
    await using cleanup = new AsyncDisposableStack()
    cleanup.defer(() => rm(ground.folder, { recursive: true, force: true }))
    await tried.before?.(ground, cleanup)
    tasks.push(taskOf(tried, ground))
    const before = hostState([ground.folder, ...guarded])
    const clock = { wall: Date.now(), steady: performance.now() }
    const outcome = await execute(context, tried, ground)
    expectUnharmed({ before, after: hostState([ground.folder, ...guarded]), clock, outcome, ground })
    await tried.verify(outcome, ground)
    return outcome
  }

  const resources = opening.move()
  return { context, attempt, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

async function prepareGround(folder: string, template: string): Promise<Pick<AttemptGround, 'folder' | 'repository'>> {
  await mkdir(folder)
  await writeFile(join(folder, 'secret'), CANARY, { mode: 0o644 })
  await writeFile(join(folder, 'private'), CANARY, { mode: 0o600 })
  const repository = join(folder, 'repository.git')
  await cp(template, repository, { recursive: true })
  return { folder, repository }
}

/** The attacker knows the paths of the host. */
function taskOf(attempt: Attempt, ground: AttemptGround): BuiltInTask {
  const known = { HOST_FOLDER: ground.folder, HOST_REPOSITORY: ground.repository, HOST_DATA: ground.data }
  const env = { ...known, ...ground.env }
  const asking = { agent: 'default', prompt: 'Nothing.', if: 'failure()' }
  const task = Task.parse({
    name: attempt.id,
    description: attempt.tries,
    mode: attempt.mode ?? 'read-only',
    reach: attempt.reach ?? [],
    artifacts: Object.entries(attempt.artifacts ?? {}).map(([name, path]) => ({ name, path, optional: true })),
    limits: { ...LIMITS, ...attempt.limits },
    steps: [
      { name: 'attempt', run: `set +e\n${attempt.script}`, env },
      ...(attempt.connection === undefined ? [] : [asking]),
    ],
  })
  return { task, name: task.name, file: `${attempt.id}.json`, text: JSON.stringify(task), source: 'built-in' }
}

async function execute(context: Context, { id, connection }: Attempt, ground: AttemptGround): Promise<AttemptOutcome> {
  return outcomeOf(context, await start(context, id, ground, connection))
}

async function start(
  { services }: Context,
  task: string,
  { repository }: AttemptGround,
  connection: string | null = null,
): Promise<string> {
  const body = { work: { kind: 'task' as const, name: task }, repository, agent: { connection } }
  return (await clientOf(services, ATTACKER).startRun({ body })).id
}

function budgetsOf(attempts: readonly Attempt[]): Record<string, Budget> {
  return Object.fromEntries(attempts.flatMap(({ id, budget }) => (budget === undefined ? [] : [[id, budget]])))
}

function otherThan(tried: Attempt, script: string): Attempt {
  return { ...tried, id: `${tried.id}-other`, mode: 'write', script }
}

async function startOther(
  context: Context,
  tasks: BuiltInTask[],
  other: Attempt,
  ground: AttemptGround,
): Promise<OtherRun> {
  tasks.push(taskOf(other, ground))
  const id = await start(context, other.id, ground, other.connection)
  const client = clientOf(context.services, ATTACKER)
  for await (const event of await client.readEvents({ params: { run: id }, query: { follow: true } }))
    if (event.kind === 'step.started' && event.body.step === 1) break
  return {
    id,
    ended: () => outcomeOf(context, id),
    async cancel() {
      await client.cancelRun({ params: { run: id } })
      return outcomeOf(context, id)
    },
  }
}

async function outcomeOf({ services }: Context, id: string): Promise<AttemptOutcome> {
  const client = clientOf(services, ATTACKER)
  const params = { run: id }
  const events: Event[] = []
  for await (const event of await client.readEvents({ params, query: { follow: true } })) events.push(event)
  const { run, change } = await client.getRun({ params })
  const of = <K extends EventKind>(kind: K) =>
    events.filter((event) => event.kind === kind) as Extract<Event, { kind: K }>[]
  const step = of('step.finished').find(({ body }) => body.step === 1)
  const text = async (stream: 'stdout' | 'stderr') =>
    step ? textOf(await client.readOutput({ params: { run: id, step: 1 }, query: { stream } })) : ''
  return {
    run: { id: run.id, status: run.status, reason: run.reason },
    stdout: await text('stdout'),
    stderr: await text('stderr'),
    code: step?.body.code ?? null,
    change: change && { id: change.change.id },
    events,
    of,
  }
}

async function textOf({ bytes }: DownloadedBytes): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
