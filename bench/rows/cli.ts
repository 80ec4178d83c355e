// What a command costs against an empty program of the same Node: time, and peak memory.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT_FOLDERS } from '../../src/config/project-folders.ts'
import { BenchError } from '../bench-error.ts'
import { runOnHost } from '../host-command.ts'
import { differences, measurePairs, ratios } from '../pairs.ts'
import type { RowGroup } from '../row.ts'
import type { Workbench } from '../workbench.ts'

const NODE = join(PROJECT_FOLDERS.root, 'bin', 'node')
const MAIN = join(PROJECT_FOLDERS.root, 'src', 'main.ts')
/** Executions per pair: they are short, so more of them cost little. */
const GOES_PER_PAIR = 3
const KIB_PER_MIB = 1024
const TELL_MEMORY = 'data:text/javascript,process.on("exit",()=>console.log("\\n"+process.resourceUsage().maxRSS))'

export const CLI: readonly RowGroup[] = [
  rowsOf('cli/help', 'glovebox --help', ['--help']),
  rowsOf('cli/list', 'glovebox runs list without a server', ['runs', 'list']),
  {
    rows: [{ name: 'cli/list-mib', unit: 'MiB', meaning: 'peak memory of runs list, more than that of node -e 0' }],
    async measure(bench, pairs) {
      const sides = { measured: () => memoryOf(bench, [MAIN, 'runs', 'list']), baseline: () => memoryOf(bench, EMPTY) }
      await sides.measured()
      return [differences(await measurePairs(pairs, sides, bench.signal))]
    },
  },
]

const EMPTY = ['-e', '0'] as const

function rowsOf(name: string, what: string, args: readonly string[]): RowGroup {
  return {
    rows: [
      { name, unit: 'ratio', meaning: `${what} : node -e 0` },
      { name: `${name}-ms`, unit: 'ms', meaning: 'the same, what it takes more than node -e 0' },
    ],
    async measure(bench, pairs) {
      const sides = { measured: () => timeOf(bench, [MAIN, ...args]), baseline: () => timeOf(bench, EMPTY) }
      // The first time fills the data folder and the caches.
      await sides.measured()
      const measured = await measurePairs(pairs * GOES_PER_PAIR, sides, bench.signal)
      return [ratios(measured), differences(measured)]
    },
  }
}

async function timeOf(bench: Workbench, args: readonly string[]): Promise<number> {
  return (await node(bench, args)).ms
}

async function memoryOf(bench: Workbench, args: readonly string[]): Promise<number> {
  const { stdout } = await node(bench, ['--import', TELL_MEMORY, ...args])
  const kib = Number(stdout.trim().split('\n').at(-1))
  if (!(kib > 0)) throw new BenchError('failed', 'node did not tell its peak memory')
  return kib / KIB_PER_MIB
}

function node({ folder, hostPath, signal }: Workbench, args: readonly string[]) {
  const data = join(folder, 'cli-data')
  // Commands that only read refuse a folder that does not exist.
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const env = { PATH: hostPath, HOME: folder, GLOVEBOX_DATA: data }
  return runOnHost({ argv: [NODE, ...args], cwd: folder, env, signal })
}
