// Shared parts of the rows: a folder, a real store, a sandbox provider, and the project of the measured work.
import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { processEnvironment } from '../src/config/env.ts'
import { PROJECT_FOLDERS } from '../src/config/project-folders.ts'
import { readEnvironment } from '../src/config/read-environment.ts'
import type { IdSource } from '../src/domain/ids.ts'
import { createHostGit } from '../src/git/host-git.ts'
import type { HostGit } from '../src/git/host-git.ts'
import { readNpmConfiguration } from '../src/gateway/registries/npm/configuration.ts'
import type { NpmConfiguration } from '../src/gateway/registries/npm/configuration.ts'
import { loadPolicies } from '../src/policy/load-policies.ts'
import { createPolicyEngine } from '../src/policy/policy-engine.ts'
import type { PolicyEngine } from '../src/policy/types.ts'
import { createBubblewrap } from '../src/sandbox/bubblewrap/create-bubblewrap.ts'
import { openToolchain } from '../src/sandbox/toolchain.ts'
import type { SandboxProvider, Toolchain } from '../src/sandbox/types.ts'
import { tryLockFolder } from '../src/store/sqlite/folder-lock.ts'
import { openStore } from '../src/store/open-store.ts'
import type { Store } from '../src/store/types.ts'
import { BenchError } from './bench-error.ts'
import { prepareStorefront } from './storefront.ts'

export const GUEST = join(PROJECT_FOLDERS.root, 'build', 'guest', 'glovebox-guest')

export interface Workbench {
  /** On the disk of a usual data folder. /tmp may be memory, where durable writes cost nothing. */
  folder: string
  ids: IdSource
  store: Store
  policy: PolicyEngine
  git: HostGit
  provider: SandboxProvider
  toolchain: Toolchain
  sandboxes: string
  /** PATH with the project's own Node and npm, then the system's programs. */
  hostPath: string
  /** npm configuration of this machine, read once. */
  npm(): Promise<NpmConfiguration>
  /** The folder of storefront.ts, prepared at the first use. */
  storefront(): Promise<string>
  signal: AbortSignal
}

const HOME_FOLDER = join(PROJECT_FOLDERS.root, '.glovebox', 'bench')

/** Opens the workbench and removes leftovers of a killed bench. Disposing it removes its folder. */
export async function openWorkbench(signal: AbortSignal): Promise<Workbench & AsyncDisposable> {
  await using opening = new AsyncDisposableStack()
  const lock = await tryLockFolder(HOME_FOLDER)
  if (lock === null) throw new BenchError('busy', 'another bench is running; two at once would disturb each other')
  opening.use(lock)
  opening.defer(() => rm(HOME_FOLDER, { recursive: true, force: true }))
  const folder = join(HOME_FOLDER, 'work')
  const sandboxes = join(folder, 'sandboxes')
  const provider = createBubblewrap({ guest: GUEST })
  await provider.reap(sandboxes)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { mode: 0o711 })

  const ids: IdSource = { now: () => Date.now(), random: (bytes) => randomBytes(bytes) }
  const modules = join(PROJECT_FOLDERS.root, 'node_modules')
  const hostPath = [join(modules, '.bin'), '/usr/local/bin', '/usr/bin', '/bin'].join(':')
  const store = opening.use(await openStore(join(folder, 'data'), { ids, signal }))
  const policies = loadPolicies({ builtInFolder: PROJECT_FOLDERS.policies, extraFolders: [], enable: [] })
  const { host: hostEnvironment } = readEnvironment(processEnvironment(), PROJECT_FOLDERS.root)
  const npm = once(() => readNpmConfiguration({ env: hostEnvironment }))
  const storefront = once(async () => {
    const { registry } = await npm()
    return prepareStorefront({ folder: join(folder, 'storefront'), registry, hostEnvironment, hostPath, signal })
  })
  const bench = {
    folder,
    ids,
    store,
    provider,
    sandboxes,
    hostPath,
    npm,
    storefront,
    signal,
    policy: createPolicyEngine({ policies: policies.inForce, schema: policies.schema }),
    git: await createHostGit({ path: hostPath, folder: join(folder, 'git') }),
    toolchain: await openToolchain({
      modules,
      nodeProgram: process.execPath,
      nodeVersion: process.versions.node,
      folder: join(folder, 'toolchain'),
    }),
  }
  const resources = opening.move()
  return { ...bench, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return () => (made ??= make())
}
