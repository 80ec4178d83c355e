// For comparison: strace, the usual tool to observe files and processes, on the same work without a sandbox.
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PROJECT_FOLDERS } from '../../src/config/project-folders.ts'
import { BenchError } from '../bench-error.ts'
import { runOnHost } from '../host-command.ts'
import { measurePairs, ratios } from '../pairs.ts'
import type { RowGroup } from '../row.ts'
import { STOREFRONT } from '../storefront.ts'
import type { Workbench } from '../workbench.ts'
import { COMPILED, INSTALL, WORKS } from '../works.ts'
import type { Argv, Work } from '../works.ts'

/** With --seccomp-bpf only these calls stop, which is the fastest mode of strace. */
const STRACE: Argv = ['strace', '-f', '--seccomp-bpf', '-e', 'trace=%file,execve']

export const STRACE_ROWS: readonly RowGroup[] = WORKS.map((work) => ({
  rows: [{ name: `strace/${work.name}`, unit: 'ratio', meaning: `${work.meaning}; under strace : bare` }],
  measure: async (bench, pairs) => [await measureWork(bench, pairs, work)],
}))

async function measureWork(bench: Workbench, pairs: number, { argv, before, goes }: Work) {
  const host = await hostPlace(bench)
  const prepare = async (): Promise<void> => void (before && (await host.run(before)))
  const traced: Argv = [...STRACE, '-o', host.log, ...argv]
  const measured = await measurePairs(
    pairs * goes,
    {
      async measured() {
        await prepare()
        return host.run(traced)
      },
      async baseline() {
        await prepare()
        return host.run(argv)
      },
    },
    bench.signal,
  )
  return ratios(measured)
}

interface HostPlace {
  log: string
  run(argv: Argv): Promise<number>
}

/** Folders with the same layout as in the sandbox. */
async function hostPlace(bench: Workbench): Promise<HostPlace> {
  const root = join(bench.folder, 'host')
  const [cwd, cache, log, home] = [
    join(root, STOREFRONT.project),
    join(root, STOREFRONT.cache),
    join(root, 'strace.log'),
    join(root, 'home'),
  ]
  const env = {
    PATH: bench.hostPath,
    LANG: 'C.UTF-8',
    CI: 'true',
    HOME: home,
    npm_config_cache: cache,
    [COMPILED]: PROJECT_FOLDERS.root,
  }
  const run = async (argv: Argv, settings = {}): Promise<number> =>
    (await runOnHost({ argv, cwd, env: { ...env, ...settings }, signal: bench.signal })).ms
  await requireStrace(bench)
  const folder = await bench.storefront()
  const registry = { npm_config_registry: (await bench.npm()).registry.href }
  if ((await mkdir(home, { recursive: true })) !== undefined) {
    for (const name of Object.values(STOREFRONT)) await cp(join(folder, name), join(root, name), { recursive: true })
    await run(INSTALL, registry)
  }
  return { log, run: (argv) => run(argv, registry) }
}

async function requireStrace({ folder, hostPath, signal }: Workbench): Promise<void> {
  const argv: Argv = [...STRACE, '-o', '/dev/null', 'true']
  await runOnHost({ argv, cwd: folder, env: { PATH: hostPath }, signal }).catch((error: unknown) => {
    signal.throwIfAborted()
    throw new BenchError('unavailable', error instanceof Error ? error.message : String(error), { cause: error })
  })
}
