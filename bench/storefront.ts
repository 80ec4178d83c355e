// The project that work is done on: examples/storefront, with an npm cache that holds all it needs.
import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PROJECT_FOLDERS } from '../src/config/project-folders.ts'
import { BenchError } from './bench-error.ts'
import { runOnHost } from './host-command.ts'

export interface StorefrontOptions {
  /** Made here. */
  folder: string
  /** The registry that the packages are fetched from, once. */
  registry: URL
  hostEnvironment: Readonly<Record<string, string>>
  hostPath: string
  signal: AbortSignal
}

/** Below `folder`, and below wherever they are copied to: the project without node_modules, and the npm cache. */
export const STOREFRONT = { project: 'project', cache: 'cache' } as const

/** `unavailable` when the registry does not give the packages. */
export async function prepareStorefront(options: StorefrontOptions): Promise<string> {
  const { folder, hostPath, signal } = options
  await mkdir(folder, { mode: 0o755 })
  const source = join(PROJECT_FOLDERS.root, 'examples', 'storefront')
  await cp(source, join(folder, STOREFRONT.project), {
    recursive: true,
    filter: (path) => !path.endsWith('/node_modules'),
  })
  await fillCache(options)
  // The sandbox's processes are another user.
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

/** `npm run` tells its children where the project is: an install must not go there. */
function elsewhere(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/prefix|workspace/i.test(name)))
}
