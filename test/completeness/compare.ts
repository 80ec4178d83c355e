// Compares the guest's account with strace's. Random names are replaced by a common form first, only by the rules below. So
// no difference is dropped; at most a name is replaced on both sides.
import type { Account } from './account.ts'
import { FILE_LISTS, programText } from './account.ts'

export interface RandomName {
  /** The program that creates these names. */
  from: string
  pattern: RegExp
  /** The common form. */
  to: string
}

export const RANDOM_NAMES = {
  gitObject: { from: 'git, a loose object before it has its name', pattern: /\btmp_obj_\w{6}\b/g, to: 'tmp_obj_*' },
  gitPack: { from: 'git, a pack before it has its name', pattern: /\btmp_(pack|idx|rev)_\w{6}\b/g, to: 'tmp_$1_*' },
  gitProbe: { from: 'git, to try whether symlinks work here', pattern: /\.git\/t\w{6}\b/g, to: '.git/t*' },
  gitKeeper: { from: 'git, the process that holds a pack', pattern: /\bfetch-pack \d+ on\b/g, to: 'fetch-pack * on' },
  gcc: { from: 'gcc, what one stage leaves for the next', pattern: /\/tmp\/cc\w{6}\b/g, to: '/tmp/cc*' },
  ar: { from: 'ar, an archive before it has its name', pattern: /\/workspace\/st\w{6}\b/g, to: '/workspace/st*' },
  sed: {
    from: 'sed -i, the new file before it has its name',
    pattern: /\/workspace\/sed\w{6}\b/g,
    to: '/workspace/sed*',
  },
  perl: {
    from: 'perl -i, the new file before it has its name',
    pattern: /\/workspace\/XX\w{6}\b/g,
    to: '/workspace/XX*',
  },
  npm: {
    from: 'npm, a folder put aside or a file before it has its name',
    pattern: /(\/node_modules\/(?:@[^/]+\/)?\.[\w.-]+-)\w{8}\b/g,
    to: '$1*',
  },
  python: { from: 'python, compiled code before it has its name', pattern: /(\.pyc)\.\d+\b/g, to: '$1.*' },
} satisfies Record<string, RandomName>

export interface Difference {
  list: 'programs' | (typeof FILE_LISTS)[number] | 'byProgram'
  onlyRecorded: string[]
  onlyWitnessed: string[]
}

export function compare(recorded: Account, witnessed: Account, random: readonly RandomName[]): Difference[] {
  const common = (text: string) => random.reduce((known, { pattern, to }) => known.replace(pattern, to), text)
  const programs = ({ programs }: Account) => programs.map((program) => common(programText(program)))
  const attempted = new Set([...recorded.attempted].map(common))
  const lists = ([...FILE_LISTS, 'byProgram'] as const).map((list) => ({
    list,
    recorded: [...new Set([...recorded[list]].map(common))],
    // An access that is recorded as attempted counts as recorded: the record states that its result is unknown.
    witnessed: [...new Set([...witnessed[list]].map(common))].filter(
      (access) => recorded[list].has(access) || !isAttempted(access, attempted),
    ),
  }))
  return [{ list: 'programs' as const, recorded: programs(recorded), witnessed: programs(witnessed) }, ...lists]
    .map(({ list, recorded, witnessed }) => ({
      list,
      onlyRecorded: without(recorded, witnessed),
      onlyWitnessed: without(witnessed, recorded),
    }))
    .filter(({ onlyRecorded, onlyWitnessed }) => onlyRecorded.length + onlyWitnessed.length > 0)
}

function isAttempted(access: string, attempted: ReadonlySet<string>): boolean {
  return (
    attempted.has(access) ||
    attempted.has(access.replace(/ (read|written|created|removed) (?=\/workspace)/, ' attempted '))
  )
}

/** The elements of `all` that `those` lacks, with multiplicity. */
function without(all: readonly string[], those: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const one of those) left.set(one, (left.get(one) ?? 0) + 1)
  return all
    .filter((one) => {
      const count = left.get(one) ?? 0
      if (count > 0) left.set(one, count - 1)
      return count === 0
    })
    .toSorted()
}
