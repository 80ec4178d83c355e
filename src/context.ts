// The composition root: with src/context/ the only place that chooses implementations. A process that executes runs opens
// all parts at once. Any other one opens the store alone, and the rest when a call needs it: most commands only read.
import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import packageJson from '../package.json' with { type: 'json' }
import { agentRegistry } from './agents/registry.ts'
import type { AllParts, PartOverrides } from './context/all-parts.ts'
import { readConfig } from './config/config.ts'
import { processEnvironment, searchPath } from './config/env.ts'
import { PROJECT_FOLDERS } from './config/project-folders.ts'
import { openDataFolder } from './data-folder/open-data-folder.ts'
import type { IdSource } from './domain/ids.ts'
import { openPolicyMemory } from './policy/policy-memory.ts'
import { claimsThatAreOver } from './runner/recover-runs.ts'
import { workerIsGone } from './runner/worker-name.ts'
import { READ_PERMISSIONS } from './services/authorise.ts'
import { createServices, createServicesOnDemand } from './services/create-services.ts'
import { ServiceError } from './services/types.ts'
import type { Context, OpenContextOptions } from './services/types.ts'
import { folderHolder, tryLockFolder } from './store/sqlite/folder-lock.ts'
import { openStore } from './store/open-store.ts'

export async function openContext(
  { dataFolder, work, signal }: OpenContextOptions,
  override: PartOverrides = () => ({}),
): Promise<Context> {
  await openDataFolder(dataFolder, { searchPath: searchPath(processEnvironment()) })
  const presetAgents = agentRegistry([]).names
  const config = readConfig({ env: processEnvironment(), cwd: process.cwd(), dataFolder, flags: {}, presetAgents })
  await using opening = new AsyncDisposableStack()
  opening.use(await lockFolder(dataFolder))
  const ids: IdSource = { now: () => Date.now(), random: (bytes) => randomBytes(bytes) }
  const store = opening.use(await openStore(dataFolder, { ids }))
  const policyFiles = {
    builtInFolder: PROJECT_FOLDERS.policies,
    extraFolders: config.policies.folders,
    enable: config.policies.enable,
  }
  const memory = await openPolicyMemory({
    file: join(dataFolder, 'policy-answers.json'),
    policies: policyFiles,
    version: packageJson.dependencies['@cedar-policy/cedar-wasm'],
    actions: READ_PERMISSIONS,
  })
  opening.defer(() => memory.save())

  let opened: Promise<AllParts> | null = null
  opening.defer(async () => (await opened?.catch(() => null))?.[Symbol.asyncDispose]())
  async function all(): Promise<AllParts['parts']> {
    opened ??= import('./context/all-parts.ts').then(({ openAllParts }) =>
      openAllParts({ config, dataFolder, ids, store, policyFiles, memory }, { work, signal }, override),
    )
    return (await opened).parts
  }

  // All parts also remove what processes that ended left behind.
  const leftovers =
    (await claimsThatAreOver({ store, ids, workerIsGone })).length > 0 || !(await isEmpty(config.sandbox.directory))
  const everything = work || leftovers ? await all() : null
  const reading = { store, policy: memory, declaredServices: config.services, dataFolder }
  const services = everything === null ? createServicesOnDemand({ reading, all }) : createServices(everything)
  const resources = opening.move()
  return {
    services,
    dataFolder,
    async unended() {
      const { items } = await store.runs.list({ status: ['queued', 'running'], limit: 100 })
      const atWork = new Set(everything?.worker.atWork)
      return items.filter(({ id, status }) => status === 'queued' || atWork.has(id)).map(({ id }) => id)
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

async function lockFolder(dataFolder: string): Promise<AsyncDisposable> {
  const lock = await tryLockFolder(dataFolder)
  if (lock) return lock
  const holder = await folderHolder(dataFolder)
  throw new ServiceError('busy', `${dataFolder} is held by another Glovebox${holder ? ` (pid ${holder.pid})` : ''}`)
}

/** A folder that can't be read is not empty: whoever needs it then says why. */
async function isEmpty(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length === 0
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}
