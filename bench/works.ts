// The measured works: the same with the recorder, without it, and under strace.

export type Argv = readonly [string, ...string[]]

export interface Work {
  name: string
  meaning: string
  /** Command in the project, which must exit with 0. */
  argv: Argv
  /** Command that prepares the work; not measured. */
  before?: Argv
  /** Executions per pair: a short work is noisier, and costs little to repeat. */
  goes: number
}

/** Fills node_modules from the prepared npm cache. */
export const INSTALL: Argv = ['npm', 'ci', '--offline', '--ignore-scripts', '--no-audit', '--no-fund']

/**
 * Moves node_modules aside, because a fresh clone has none. Removing it would slow later file creation: ext4 does not
 * reuse its inodes for some seconds.
 */
const SET_ASIDE: Argv = ['/bin/sh', '-c', 'mv node_modules "$(mktemp -d /workspace/aside.XXXXXX)"']

/** Variable with the path of this project's own sources. */
export const COMPILED = 'GLOVEBOX_BENCH_COMPILED'
/** The parts of the sources that are compiled, or needed for it. */
export const COMPILED_PARTS = [
  'src',
  'agent',
  'test',
  'bench',
  'scripts',
  'fuzz',
  'guest',
  'node_modules',
  'package.json',
  'tsconfig.json',
] as const

export const WORKS: readonly Work[] = [
  {
    name: 'npm-ci',
    meaning: 'npm ci from a warm cache',
    argv: INSTALL,
    before: SET_ASIDE,
    goes: 1,
  },
  { name: 'test-run', meaning: 'npm test', argv: ['npm', 'test'], goes: 1 },
  {
    name: 'tsc',
    meaning: 'tsc over the sources of Glovebox itself',
    argv: ['/bin/sh', '-c', `exec node "$${COMPILED}/node_modules/typescript/bin/tsc" -p "$${COMPILED}"`],
    goes: 1,
  },
  {
    name: 'grep-r',
    meaning: 'grep -r over the node_modules of Glovebox itself: opens every file, does little else',
    argv: ['/bin/sh', '-c', `exec grep -r -l createServer "$${COMPILED}/node_modules"`],
    goes: 3,
  },
  {
    name: '500-processes',
    meaning: '500 processes that end at once',
    argv: ['/bin/sh', '-c', 'i=0; while [ $i -lt 500 ]; do /bin/true; i=$((i + 1)); done'],
    goes: 2,
  },
]
