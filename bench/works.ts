// What is done with the recorder and without, and under strace: once for all of them, so that they compare.

export type Argv = readonly [string, ...string[]]

export interface Work {
  name: string
  meaning: string
  /** Run in the project; ends with 0. */
  argv: Argv
  /** Brings about what it starts from; not measured. */
  before?: Argv
  /** Goes for each pair that is asked for: what is over quickly is noisier, and costs little to repeat. */
  goes: number
}

/** Fills node_modules from the cache that came along. */
export const INSTALL: Argv = ['npm', 'ci', '--offline', '--ignore-scripts', '--no-audit', '--no-fund']

/** A fresh clone has none. Removed, its inodes would slow those that make files next: ext4 spares them for some seconds. */
const SET_ASIDE: Argv = ['/bin/sh', '-c', 'mv node_modules "$(mktemp -d /workspace/aside.XXXXXX)"']

/** Variable that says where this project's own sources are. */
export const COMPILED = 'GLOVEBOX_BENCH_COMPILED'
/** What of them is compiled, or is needed for that. */
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
