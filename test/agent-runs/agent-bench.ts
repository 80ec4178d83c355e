// The command line with a model connection to a scripted provider on loopback; only the two know its key.
import { randomBytes } from 'node:crypto'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { stringify } from 'yaml'
import type { Event, EventKind } from '../../src/domain/event.ts'
import type { ScriptSource } from '../scripted-model/script.ts'
import { startScriptedModel } from '../scripted-model/start-scripted-model.ts'
import type { ScriptedModel } from '../scripted-model/start-scripted-model.ts'
import type { Bench, Finished } from '../main-job/glovebox.ts'
import { commitAll, git, openBench, PROJECT } from '../main-job/glovebox.ts'
import type { AgentUnderTest } from './agent-under-test.ts'
import { makeDataFolder } from '../data-folder.ts'

export const CONNECTION = 'scripted'
/** Price of a million tokens, chosen so that one token costs a whole number of millionths. */
export const PRICE = { input: 3, output: 15, cached: 1 }

export interface AgentBenchOptions {
  agent: AgentUnderTest
  script: ScriptSource | ((key: string) => ScriptSource)
  /** Additional content of glovebox.yaml. */
  configuration?: object
  /** The key that Glovebox stores, if it differs from the provider's key. */
  wrongKey?: string
  /** Additional environment variables of Glovebox. */
  environment?: Readonly<Record<string, string>>
  /** Whether a person sets the connection by commands instead of glovebox.yaml. */
  typed?: boolean
}

export interface AgentBench extends Bench {
  readonly key: string
  readonly model: ScriptedModel
  /** Makes a bare repository with one commit, from examples/leap-year and these files. */
  repository(files: Readonly<Record<string, string>>): Promise<string>
  /** Starts a task of the repository and waits for its end. */
  run(repository: string, task: string, ...more: string[]): Promise<AgentRun>
  blob(digest: string): Promise<Buffer>
}

export interface AgentRun extends Finished {
  id: string
  status: string
  reason: string | null
  events: readonly Event[]
  of<K extends EventKind>(kind: K): Extract<Event, { kind: K }>['body'][]
  /** The result of the last execution of a step. */
  step(name: string): Extract<Event, { kind: 'step.finished' }>['body'] | undefined
}

export async function openAgentBench(options: AgentBenchOptions): Promise<AgentBench> {
  const { agent, script, configuration = {}, typed = false } = options
  await using opening = new AsyncDisposableStack()
  const bench = opening.use(await openBench(options.environment))
  const key = `sk-${randomBytes(24).toString('base64url')}`
  const model = opening.use(
    await startScriptedModel({ script: typeof script === 'function' ? script(key) : script, key }),
  )
  const keyFile = join(bench.folder, 'key')
  await writeFile(keyFile, `${options.wrongKey ?? key}\n`, { mode: 0o600 })
  const models = typed ? {} : { models: { [CONNECTION]: connectionOf(agent, model.url, keyFile) } }
  const file = stringify({ ...agentsOf(agent), ...models, ...configuration })
  await makeDataFolder(bench.data, file)
  if (typed) await typeConnection(bench, agent, model.url, keyFile)
  let count = 0
  const resources = opening.move()
  return {
    ...bench,
    key,
    model,
    repository: (files) => leapYear(join(bench.folder, `repository-${count++}`), files),
    async run(repository, task, ...more) {
      const finished = await bench.glovebox('run', task, '--repo', repository, '--json', ...more)
      return readRun(bench, finished)
    },
    async blob(digest) {
      const hex = digest.replace('sha256:', '')
      return readFile(join(bench.data, 'blobs/sha256', hex.slice(0, 2), hex))
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

function agentsOf({ name, folder, docker }: AgentUnderTest): object {
  const agents = { default: name, ...(folder === null ? {} : { folders: { [name]: folder } }) }
  return { agents, ...(docker === null ? {} : { sandbox: { kind: 'docker', ...docker } }) }
}

function connectionOf({ provider, model }: AgentUnderTest, url: string, path: string): object {
  const price = { input: PRICE.input, output: PRICE.output, 'cached-input': PRICE.cached }
  return { provider, url, models: [model], prices: { [model]: price }, credential: { from: 'file', path } }
}

/** Sets the connection by commands, like a person. */
async function typeConnection(bench: Bench, agent: AgentUnderTest, url: string, keyFile: string): Promise<void> {
  const price = `${agent.model}=${PRICE.input}/${PRICE.output}/${PRICE.cached}`
  const provider = ['--provider', agent.provider, '--url', url, '--model', agent.model, '--price', price]
  await succeed(bench.glovebox('connection', 'set', CONNECTION, ...provider))
  await succeed(bench.glovebox('credential', 'set', CONNECTION, '--file', keyFile))
  await rm(keyFile)
}

async function succeed(command: Promise<Finished>): Promise<Finished> {
  const finished = await command
  if (finished.code !== 0) throw new Error(`exit ${finished.code}: ${finished.stderr}`)
  return finished
}

async function leapYear(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  await cp(join(PROJECT, 'examples/leap-year'), folder, { recursive: true })
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  await git(folder, 'init', '--quiet', '--initial-branch=main')
  await commitAll(folder, 'Begin')
  await git(dirname(folder), 'clone', '--quiet', '--bare', folder, `${folder}.git`)
  return `${folder}.git`
}

export async function readRun(bench: Bench, finished: Finished): Promise<AgentRun> {
  if (finished.stdout === '') throw new Error(`exit ${finished.code}: ${finished.stderr}`)
  const { run } = JSON.parse(finished.stdout) as { run: { id: string; status: string; reason: string | null } }
  const trace = await succeed(bench.glovebox('trace', run.id, '--json'))
  const events = trace.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event)
  const of: AgentRun['of'] = (kind) => events.filter((event) => event.kind === kind).map(({ body }) => body) as never
  return {
    ...finished,
    ...run,
    events,
    of,
    step: (name) => of('step.finished').findLast((step) => step.name === name),
  }
}
