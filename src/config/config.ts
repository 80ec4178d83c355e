// Resolves flags, variables and the configuration file, in this order, into the configuration of all parts of Glovebox.
import { totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import type { Ceilings } from '../domain/task/cap-limits.ts'
import type { AgentDefinition } from '../domain/agent-definition.ts'
import type { AgentDefaults } from '../domain/agent-defaults.ts'
import type { Budgets } from '../domain/budget.ts'
import type { ModelConnection } from '../domain/connections/model-connection.ts'
import { addedRows, type ProtectedKind } from '../domain/inspection/protected-kinds.ts'
import type { ReachSets } from '../domain/reach.ts'
import { suggestion } from '../domain/nearest-word.ts'
import { ConfigError } from './config-error.ts'
import type { ConfigFile, RUNTIMES } from './config-file.ts'
import { readConfigFile, SANDBOX_KINDS } from './config-file.ts'
import type { Environment } from './env.ts'
import { readEnvironment } from './read-environment.ts'
import { readOutgoing } from './read-outgoing.ts'
import type { OutgoingChoice } from './read-outgoing.ts'

export type AdvisoryChoice = { kind: 'osv-directory'; path: string } | { kind: 'upstream' }

interface SandboxPlace {
  /** Host uids of sandboxes if Glovebox runs as root, both ends included. */
  uidRange: readonly [number, number]
  /** Folder for the directories of sandboxes. */
  directory: string
}

export interface BubblewrapChoice extends SandboxPlace {
  kind: 'bubblewrap'
}

export interface DockerChoice extends SandboxPlace {
  kind: 'docker'
  /** Name, tag or digest. */
  image: string
  /** Unix socket of the engine. */
  socket: string
  /** null: the default runtime of the engine. */
  runtime: (typeof RUNTIMES)[number] | null
}

export type SandboxChoice = BubblewrapChoice | DockerChoice

export interface Config {
  dataFolder: string
  configFile: string
  advisories: AdvisoryChoice
  policies: { enable: readonly string[]; folders: readonly string[] }
  /** Names, without `service:`, that `--as` may use. */
  services: readonly string[]
  /** Maximum resources of a task, in bytes and processes. */
  ceilings: Ceilings
  /** The default kind of sandbox. */
  sandbox: SandboxChoice
  /** Every kind that a run may ask for. The default comes first. */
  sandboxes: readonly SandboxChoice[]
  /** Hosts for the names in a task's `reach`, besides the names that policies know. */
  reach: ReachSets
  /** Protected paths besides the built-in kinds. */
  protectedPaths: readonly ProtectedKind[]
  /** Folders of toolchains, by the name that tasks use. */
  toolchains: Readonly<Record<string, string>>
  /** From the name of a repository to its path or URL. */
  repositories: Readonly<Record<string, string>>
  /** Model connections of the file, sorted by name. */
  models: readonly ModelConnection[]
  budgets: Budgets
  agents: AgentDefaults
  customAgents: readonly AgentDefinition[]
  /** Minutes that an agent's request for permission waits for a person. */
  askMinutes: number
  /** Proxies and certificates for connections that leave this machine. */
  outgoing: OutgoingChoice
  /** Environment for programs on the host's side (PATH, HOME, proxies, npm's settings). */
  hostEnvironment: Readonly<Record<string, string>>
  debug: boolean
  colour: boolean
}

export interface ConfigSources {
  env: Environment
  cwd: string
  /** Absolute path that has passed the checks of src/data-folder. */
  dataFolder: string
  flags: { advisories?: string | undefined; sandbox?: string | undefined }
  /** Names of the agents that Glovebox knows without configuration; null: the names of agents are not checked. */
  presetAgents: readonly string[] | null
}

/** Share of the machine's memory for a task. The rest is for Glovebox and other programs. */
const MEMORY_SHARE = 0.75
const FILE_NAME = 'glovebox.yaml'
const DEFAULT_SOCKET = '/var/run/docker.sock'
/** Above the default ids of accounts and of their sub-uid ranges (100000-165535, …). */
const DEFAULT_UID_RANGE = [700_000, 765_535] as const

/** Throws ConfigError for unknown or malformed values. Paths in flags and variables are relative to `cwd`. */
export function readConfig({ env, cwd, dataFolder, flags, presetAgents }: ConfigSources): Config {
  const values = readEnvironment(env, cwd)
  const configFile = join(dataFolder, FILE_NAME)
  const file = readConfigFile(configFile, presetAgents)
  const sandboxes = sandboxChoices(
    sandboxKind(flags.sandbox, values.sandbox, file.sandbox.kind),
    file.sandbox,
    dataFolder,
  )
  const advisories = flagPath('--advisories', flags.advisories, cwd) ?? values.advisories
  const { custom, 'ask-minutes': askMinutes, ...agents } = file.agents
  return {
    dataFolder,
    configFile,
    advisories:
      advisories === null ? (file.advisories ?? { kind: 'upstream' }) : { kind: 'osv-directory', path: advisories },
    policies: file.policies,
    ceilings: { ...file.limits, memory: file.limits.memory ?? Math.floor(totalmem() * MEMORY_SHARE) },
    services: file.services,
    sandbox: sandboxes[0],
    sandboxes,
    reach: file.reach,
    protectedPaths: addedRows(file['protected-paths']),
    toolchains: file.toolchains,
    repositories: file.repositories,
    models: connectionsOf(file),
    budgets: file.budgets,
    agents,
    customAgents: Object.entries(custom).map(([name, definition]) => ({ name, ...definition })),
    askMinutes,
    outgoing: readOutgoing(file.outgoing, values.host),
    hostEnvironment: values.host,
    debug: values.debug,
    colour: !values.noColor,
  }
}

function flagPath(flag: string, value: string | undefined, cwd: string): string | null {
  if (value === undefined) return null
  if (value === '') throw new ConfigError('bad-flag', `${flag} needs a folder`)
  return resolve(cwd, value)
}

function connectionsOf({ models }: ConfigFile): ModelConnection[] {
  const entries = Object.entries(models).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return entries.map(([name, entry]) => ({ kind: 'model', name, ...entry }))
}

/** bubblewrap needs no configuration; docker needs an image. */
function sandboxChoices(
  kind: SandboxChoice['kind'],
  file: ConfigFile['sandbox'],
  dataFolder: string,
): readonly [SandboxChoice, ...SandboxChoice[]] {
  const uidRange = file['uid-range'] ?? DEFAULT_UID_RANGE
  const directory = file.directory ?? join(dataFolder, 'sandboxes')
  const bubblewrap: BubblewrapChoice = { kind: 'bubblewrap', uidRange, directory }
  if (file.image === undefined) {
    if (kind === 'docker')
      throw new ConfigError('bad-file', `the sandbox kind docker needs an image: set sandbox.image in ${FILE_NAME}`)
    return [bubblewrap]
  }
  const { image, socket = DEFAULT_SOCKET, runtime = null } = file
  const docker: DockerChoice = { kind: 'docker', uidRange, directory, image, socket, runtime }
  return kind === 'docker' ? [docker, bubblewrap] : [bubblewrap, docker]
}

function sandboxKind(
  flag: string | undefined,
  variable: string | null,
  file: SandboxChoice['kind'] | undefined,
): SandboxChoice['kind'] {
  const asked = flag ?? variable
  if (asked === null) return file ?? 'bubblewrap'
  const kind = SANDBOX_KINDS.find((known) => known === asked)
  if (kind !== undefined) return kind
  const [code, origin] =
    flag === undefined ? (['bad-variable', 'GLOVEBOX_SANDBOX'] as const) : (['bad-flag', '--sandbox'] as const)
  throw new ConfigError(code, `${origin} can't be \`${asked}\`; ${suggestion(asked, SANDBOX_KINDS)}`)
}
