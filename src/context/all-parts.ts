// All parts of a process that executes runs or answers every call.
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { openOsvDirectory } from '../advisories/osv-directory.ts'
import { driveAgent } from '../agents/drive-agent.ts'
import { findInstalled } from '../agents/find-installed.ts'
import { agentRegistry } from '../agents/registry.ts'
import type { AdvisorySource } from '../advisories/types.ts'
import { upstreamAdvisories } from '../advisories/upstream-advisories.ts'
import type { Config, SandboxChoice } from '../config/config.ts'
import { processEnvironment, searchPath } from '../config/env.ts'
import { PROJECT_FOLDERS } from '../config/project-folders.ts'
import { masterKeyVariables } from '../config/secrets.ts'
import type { PolicyInfo } from '../contract/resources.ts'
import { openCredentials } from '../credentials/open-credentials.ts'
import type { Credentials } from '../credentials/open-credentials.ts'
import { printable } from '../domain/byte-text.ts'
import type { IdSource } from '../domain/ids.ts'
import { checkTaskFile, parseTask } from '../domain/task/parse-task.ts'
import type { KnownNames } from '../domain/task/task-rules.ts'
import { BUILT_IN_TOOLCHAIN, PROJECT_TOOLCHAIN } from '../domain/task/task.ts'
import { explainFullDisk } from '../disk/full-disk.ts'
import { probeDisk } from '../disk/probe-disk.ts'
import { own } from '../domain/own.ts'
import { openForge } from '../forges/registry.ts'
import { openModels } from '../gateway/model/open-models.ts'
import { openRegistries } from '../gateway/registries/open-registries.ts'
import type { Registries } from '../gateway/registries/open-registries.ts'
import { openRunGateway } from '../gateway/open-run-gateway.ts'
import { createHostGit } from '../git/host-git.ts'
import { readCertificates } from '../outgoing/certificates.ts'
import { gitNetwork } from '../outgoing/git-network.ts'
import type { Outgoing } from '../outgoing/settings.ts'
import { loadPolicies } from '../policy/load-policies.ts'
import type { LoadedPolicies, LoadPolicies } from '../policy/load-policies.ts'
import { PolicyError, problemLine } from '../policy/policy-error.ts'
import { checkPolicyFile } from '../policy/parse-policies.ts'
import { createPolicyEngine } from '../policy/policy-engine.ts'
import type { PolicyMemory } from '../policy/policy-memory.ts'
import { reachNames } from '../policy/reach-names.ts'
import type { BuiltInTask } from '../runner/plan/find-task.ts'
import { reapSandboxes, recoverRuns, type RecoverParts } from '../runner/recover-runs.ts'
import { stopReason, StopReason } from '../runner/stop-reason.ts'
import { createLiveOutputs } from '../runner/steps/live-output.ts'
import { nameWorker, workerIsGone } from '../runner/worker-name.ts'
import { Worker } from '../runner/worker.ts'
import { SANDBOX_KINDS } from '../sandbox/registry.ts'
import { listenForGuest } from '../sandbox/link/listen-for-guest.ts'
import { otherToolchains } from '../sandbox/other-toolchains.ts'
import { openToolchain } from '../sandbox/toolchain.ts'
import type { SandboxProvider } from '../sandbox/types.ts'
import type { ServiceParts } from '../services/parts.ts'
import { withProblems } from '../services/with-problems.ts'
import { ServiceError } from '../services/types.ts'
import type { Store } from '../store/types.ts'

const PARALLEL_RUNS = 4
const MINUTE_MS = 60_000
const STOPPED = new StopReason('cancelled', 'Glovebox was asked to stop')

/** What tests put in the place of a part, given what was chosen. */
export type PartOverrides = (chosen: ChosenParts) => Partial<ChosenParts>

/** All parts but the worker, which stands on them. */
export type ChosenParts = Omit<ServiceParts, 'worker'> & RecoverParts

/** What is opened in every process, before the other parts. */
export interface Foundation {
  config: Config
  dataFolder: string
  ids: IdSource
  store: Store
  policyFiles: LoadPolicies
  memory: PolicyMemory
}

export interface AllParts extends AsyncDisposable {
  readonly parts: ServiceParts
}

/** `work` and `signal`: see OpenContextOptions. */
export async function openAllParts(
  { config, dataFolder, ids, store, policyFiles, memory }: Foundation,
  { work, signal }: { work: boolean; signal: AbortSignal | undefined },
  override: PartOverrides,
): Promise<AllParts> {
  await using opening = new AsyncDisposableStack()
  const outgoing = await openOutgoing(config)
  const credentials = opening.use(await withProblems(configuredCredentials(config, store, ids, outgoing), dataFolder))
  const registries = opening.use(openRegistries({ environment: config.hostEnvironment, outgoing }))
  const git = await createHostGit({
    path: searchPath(config.hostEnvironment),
    folder: join(dataFolder, 'git'),
    network: await gitNetwork(outgoing, join(dataFolder, 'git')),
  })
  const policies = configuredPolicies(policyFiles)
  const others = otherToolchains(config.toolchains)
  const agents = agentRegistry(config.customAgents)
  const known: KnownNames = {
    reach: [...new Set([...reachNames(policies.inForce), ...Object.keys(config.reach)])],
    toolchains: [PROJECT_TOOLCHAIN, BUILT_IN_TOOLCHAIN, ...others.names],
    agents: agents.names,
  }
  const sandboxKinds = new Map(config.sandboxes.map((choice) => [choice.kind as string, createSandbox(choice)]))
  const sandbox = sandboxKinds.get(config.sandbox.kind)!
  const policy = memory.watch(createPolicyEngine({ policies: policies.inForce, schema: policies.schema }))
  const models = opening.use(openModels({ secrets: credentials.reader, usage: store.usage, now: ids.now, outgoing }))
  const chosen: ChosenParts = {
    dataFolder,
    version: packageJson.version,
    ids,
    store,
    git,
    policy,
    askMs: config.askMinutes * MINUTE_MS,
    agents,
    models,
    drive: driveAgent,
    installedAgent: (kind, sandboxKind) =>
      findInstalled(kind, {
        project: PROJECT_FOLDERS.root,
        configured: config.agents.folders,
        shared: join(dataFolder, 'agents'),
        hasImage: sandboxKind !== 'bubblewrap',
      }),
    policySet: [policies.schema, ...policies.inForce.map(({ text }) => text)].join('\n'),
    policies: policies.all.map((policy) => describePolicy(policy, policies)),
    sandbox,
    sandboxKinds,
    listenForGuest,
    openRunGateway: (options) =>
      openRunGateway({ git, registries: registries.all, outgoing, secrets: () => credentials.reader.known() }, options),
    openForge: (repository) => openForge(repository, { git }),
    advisories: await withProblems(configuredAdvisories(config, registries), dataFolder),
    openAdvisories: openOsvDirectory,
    toolchain: await openToolchain({
      modules: join(PROJECT_FOLDERS.root, 'node_modules'),
      nodeProgram: process.execPath,
      nodeVersion: process.versions.node,
      folder: join(dataFolder, 'toolchain'),
    }),
    otherToolchains: others,
    reach: config.reach,
    protectedPaths: config.protectedPaths,
    tasks: await builtInTasks(),
    parseTask: (text, file) => parseTask(text, file, known),
    checkTask: (text) => checkTaskFile(text, known),
    checkPolicy: (text, file) => checkPolicyFile(text, file),
    ceilings: config.ceilings,
    declaredServices: config.services,
    repositories: new Map(Object.entries(config.repositories)),
    processName: nameWorker(),
    workerIsGone,
    connections: credentials.connections,
    secrets: credentials.reader,
    storedSecrets: credentials.stored,
    testConnection: credentials.test,
    budgets: config.budgets,
    agentDefaults: config.agents,
    probes: async () => {
      // bubblewrap is always there to ask for; what it lacks only matters where it is what runs get.
      const asked = [...sandboxKinds.values()].filter(({ kind }) => kind === sandbox.kind || kind !== 'bubblewrap')
      const probes = await Promise.all(asked.map((kind) => kind.probe()))
      const disk = probeDisk({ data: dataFolder, sandboxes: config.sandbox.directory, temporary: tmpdir() })
      return [...probes.flat(), ...disk, ...(await registries.probe()), ...(await credentials.probe())]
    },
    mirrors: join(dataFolder, 'mirrors'),
    quarantines: join(dataFolder, 'quarantine'),
    live: createLiveOutputs(),
    sandboxes: config.sandbox.directory,
  }
  const parts = { ...chosen, ...override(chosen) }
  await reapSandboxes(parts)
  await recoverRuns(parts, parts.processName)
  const worker = opening.use(
    new Worker({
      parts,
      name: parts.processName,
      parallel: PARALLEL_RUNS,
      onFailure: (run, error) => reportFailure(run, error, dataFolder),
    }),
  )
  // The disposal below waits for the same end and gets its error.
  const stop = (): void => void worker.stopAll(signal ? reasonOf(signal) : STOPPED).catch(() => undefined)
  signal?.addEventListener('abort', stop, { once: true })
  opening.defer(() => signal?.removeEventListener('abort', stop))
  opening.defer(() => worker.stopAll(STOPPED))
  if (work) worker.start()
  const resources = opening.move()
  return { parts: { ...parts, worker }, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

async function openOutgoing({ outgoing: { caFiles, ...rest } }: Config): Promise<Outgoing> {
  try {
    return { ...rest, certificates: await readCertificates(caFiles) }
  } catch (error) {
    throw new ServiceError('bad-input', error instanceof Error ? error.message : String(error))
  }
}

function configuredCredentials(config: Config, store: Store, ids: IdSource, outgoing: Outgoing): Promise<Credentials> {
  const env = processEnvironment()
  return openCredentials({
    store,
    dataFolder: config.dataFolder,
    masterKey: masterKeyVariables(env),
    connections: config.models,
    variable: (name) => own(env, name),
    hostEnvironment: config.hostEnvironment,
    outgoing,
    now: () => ids.now(),
  })
}

function createSandbox(choice: SandboxChoice): SandboxProvider {
  const [first, last] = choice.uidRange
  const shared = {
    guest: join(PROJECT_FOLDERS.root, 'build', 'guest', 'glovebox-guest'),
    uids: { first, last },
  }
  if (choice.kind === 'bubblewrap') return SANDBOX_KINDS.bubblewrap(shared)
  const { image, socket, runtime } = choice
  return SANDBOX_KINDS.docker({ ...shared, image, socket, runtime })
}

function configuredPolicies(files: LoadPolicies): LoadedPolicies {
  try {
    return loadPolicies(files)
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    const [first = error.message, ...details] = error.problems.map(problemLine)
    throw new ServiceError('bad-input', first, { details, cause: error })
  }
}

async function configuredAdvisories({ advisories }: Config, registries: Registries): Promise<AdvisorySource> {
  if (advisories.kind === 'osv-directory') return openOsvDirectory(advisories.path)
  return upstreamAdvisories({
    name: "the machine's npm registry",
    async bulkAdvisories(packages) {
      const { advisories: upstream } = await registries.kind('npm')
      if (upstream === undefined) throw new Error('the registry answers no questions about advisories')
      return upstream.bulkAdvisories(packages)
    },
  })
}

async function builtInTasks(): Promise<BuiltInTask[]> {
  const files = (await readdir(PROJECT_FOLDERS.tasks)).filter((name) => name.endsWith('.yaml')).toSorted()
  return Promise.all(
    files.map(async (name) => {
      const text = await readFile(join(PROJECT_FOLDERS.tasks, name), 'utf8')
      const file = `tasks/${name}`
      const task = parseTask(text, file)
      return { task, name: task.name, file, text, source: 'built-in' as const }
    }),
  )
}

function describePolicy(policy: LoadedPolicies['all'][number], { inForce }: LoadedPolicies): PolicyInfo {
  const { id, file, description, text } = policy
  return { id, file, description, text, enabled: inForce.includes(policy) }
}

function reasonOf(signal: AbortSignal): StopReason {
  return signal.reason instanceof DOMException ? STOPPED : stopReason(signal)
}

function reportFailure(run: string, error: unknown, dataFolder: string): void {
  const message = explainFullDisk(error, [dataFolder]) ?? (error instanceof Error ? error.message : String(error))
  process.stderr.write(`run ${run} could not be recorded to its end: ${printable(message)}\n`)
}
