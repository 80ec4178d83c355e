// The project of the measured work: examples/storefront, with an npm cache that holds all its packages.
import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PROJECT_FOLDERS } from '../src/config/project-folders.ts'
import { BenchError } from './bench-error.ts'
import { runOnHost } from './host-command.ts'

export interface StorefrontOptions {
  /** Folder that is created here. */
  folder: string
  /** Registry from which the packages are fetched once. */
  registry: URL
  hostEnvironment: Readonly<Record<string, string>>
  hostPath: string
  signal: AbortSignal
}

/** Subfolders of `folder` and of its copies: the project without node_modules, and the npm cache. */
export const STOREFRONT = { project: 'project', cache: 'cache' } as const

/** Rejects with `unavailable` when the registry does not deliver the packages. */
export async function prepareStorefront(options: StorefrontOptions): Promise<string> {
  const { folder, hostPath, signal } = options
  await mkdir(folder, { mode: 0o755 })
  const source = join(PROJECT_FOLDERS.root, 'examples', 'storefront')
  await cp(source, join(folder, STOREFRONT.project), {
    recursive: true,
    filter: (path) => !path.endsWith('/node_modules'),
  })
  await fillCache(options)
  // The sandbox's processes run as another user.
  await runOnHost({ argv: ['chmod', '-R', 'a+rX', folder], cwd: folder, env: { PATH: hostPath }, signal })
  return folder
}

async function fillCache({ folder, registry, hostEnvironment, hostPath, signal }: StorefrontOptions): Promise<void> {
  const install = join(folder, 'install')
  await cp(join(folder, STOREFRONT.project), install, { recursive: true })
  const env = {
    ...elsewhere(hostEnvironment),
    PATH: hostPath,
    npm_config_cache: join(folder, STOREFRONT.cache),
    npm_config_registry: registry.href,
  }
  const argv = ['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', install] as const
  await runOnHost({ argv, cwd: install, env, signal }).catch((error: unknown) => {
    signal.throwIfAborted()
    const why = error instanceof Error ? error.message : String(error)
    throw new BenchError('unavailable', `the packages of examples/storefront could not be fetched: ${why}`, {
      cause: error,
    })
  })
  await rm(install, { recursive: true })
}

/** Removes the variables by which `npm run` points its children to this project, where nothing may be installed. */
function elsewhere(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/prefix|workspace/i.test(name)))
}
