// Inspects base..commit in a bare repository that Glovebox owns. It uses no textconv, no external diff and no attributes,
// so that a pushed tree cannot hide or change a line of the diff.
import type { CommitSummary } from './commit-log.ts'
import { commitLog } from './commit-log.ts'
import type { HostGit } from './host-git.ts'
import { GitError } from './git-error.ts'
import { attributesOff } from './object-id.ts'
import { isAncestor } from './reachability.ts'
import { requireId, splitNul } from './read-file.ts'

export interface ChangedPath {
  /** Attacker-controlled bytes. */
  path: Uint8Array
  /** `000000` where the path is absent. 120000: symbolic link, 160000: submodule, 100755: executable. */
  oldMode: string
  newMode: string
  oldId: string
  newId: string
  /** null: git treats the file as binary, and the diff does not show its content. */
  insertions: number | null
  deletions: number | null
}

/** A path that one commit of the range changed against one of its parents. */
export type TouchedPath = Omit<ChangedPath, 'insertions' | 'deletions'>

export interface CommitFacts {
  files: number
  insertions: number
  deletions: number
  /** Unified diff from base to commit. A rename is a removal and an addition. Cut off if `truncated` is set. */
  diff: Uint8Array
  truncated: boolean
  /** Changes of every commit, including reverted ones: they stay in the history. */
  touched: readonly TouchedPath[]
  /** Paths that a commit changed and that end up as they began. Attacker-controlled bytes. */
  undone: readonly Uint8Array[]
  changes: readonly ChangedPath[]
  /** Oldest first. */
  commits: readonly CommitSummary[]
}

const DIFF_OPTIONS: readonly string[] = [
  '-r',
  '--no-renames',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--no-relative',
  '--ignore-submodules=none',
]
const PATCH_OPTIONS: readonly string[] = [
  '-p',
  '--full-index',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--unified=3',
  '--no-indent-heuristic',
  '--diff-algorithm=myers',
]
const HISTORY_OPTIONS: readonly string[] = ['-m', '--no-notes', '--no-decorate', '--no-mailmap']
const TIMEOUT_MS = 300_000
/** Limit on git's list of paths: some hundred thousand paths. The parsed list takes several times as much memory. */
const MAX_LIST_BYTES = 32 * 1024 * 1024
const MEMORY_BYTES = 1024 ** 3

/** Throws GitError `rejected` if the commit does not descend from the base. */
export async function inspectRange(
  git: HostGit,
  range: { repository: string; base: string; commit: string; maxDiffBytes: number; signal?: AbortSignal },
): Promise<CommitFacts> {
  const { repository, base, commit } = range
  for (const id of [base, commit]) requireId(id)
  if (!(await isAncestor(git, { repository }, base, commit)))
    throw new GitError('rejected', `${commit} does not descend from ${base}`)
  const common = {
    gitDir: repository,
    env: attributesOff(base),
    timeoutMs: TIMEOUT_MS,
    memoryBytes: MEMORY_BYTES,
    ...(range.signal ? { signal: range.signal } : {}),
  }
  const list = async (format: string) => {
    const argv = ['diff-tree', format, '-z', ...DIFF_OPTIONS, base, commit]
    return splitNul((await git.run({ ...common, argv, maxOutput: MAX_LIST_BYTES })).stdout)
  }
  // Get the list first: it needs no file contents, so too many paths are refused before git compares any content.
  const raw = await list('--raw')
  const changes = withCounts(parseRaw(raw), parseNumstat(await list('--numstat')))
  const { diff, truncated } = await boundedDiff(
    git,
    { ...common, argv: ['diff-tree', ...PATCH_OPTIONS, ...DIFF_OPTIONS, base, commit] },
    range.maxDiffBytes,
  )
  const commits = await commitLog(git, { repository, base, commit })
  const argv = [
    'log',
    '--format=',
    '--raw',
    '--no-abbrev',
    '-z',
    ...HISTORY_OPTIONS,
    ...DIFF_OPTIONS,
    `^${base}`,
    commit,
  ]
  const touched = parseRaw(splitNul((await git.run({ ...common, argv, maxOutput: MAX_LIST_BYTES })).stdout))
  const sum = (of: (change: ChangedPath) => number | null) =>
    changes.reduce((total, change) => total + (of(change) ?? 0), 0)
  return {
    files: changes.length,
    insertions: sum((change) => change.insertions),
    deletions: sum((change) => change.deletions),
    diff,
    truncated,
    touched,
    undone: undonePaths(touched, changes),
    changes,
    commits,
  }
}

/** Counts the changes against all parents of a merge: each parent may bring content that is new to the base. */
function undonePaths(touched: readonly TouchedPath[], changes: readonly ChangedPath[]): Uint8Array[] {
  const shown = new Set(changes.map(({ path }) => nameOf(path)))
  const others = new Map(touched.map(({ path }) => [nameOf(path), path]))
  return [...others].filter(([name]) => !shown.has(name)).map(([, path]) => path)
}

function nameOf(path: Uint8Array): string {
  return Buffer.from(path).toString('latin1')
}

type Counts = ReadonlyMap<string, { insertions: number | null; deletions: number | null }>

/** `<added> TAB <deleted> TAB <path> NUL`; dashes for binary. */
function parseNumstat(records: readonly Buffer[]): Counts {
  const count = (text: string) => (text === '-' ? null : Number(text))
  return new Map(
    records.map((record) => {
      const first = record.indexOf(0x09)
      const second = record.indexOf(0x09, first + 1)
      const insertions = count(record.toString('latin1', 0, first))
      const deletions = count(record.toString('latin1', first + 1, second))
      return [record.toString('latin1', second + 1), { insertions, deletions }]
    }),
  )
}

/** `:<old mode> <new mode> <old id> <new id> <status> NUL <path> NUL`; a log has an empty record between commits. */
function parseRaw(records: readonly Buffer[]): TouchedPath[] {
  const touched: TouchedPath[] = []
  for (let at = 0; at + 1 < records.length; at += 2) {
    while (records[at]?.length === 0) at += 1
    const [record, path] = [records[at], records[at + 1]]
    if (record === undefined || path === undefined) break
    if (record[0] !== 0x3a) throw new GitError('failed', 'git gave a malformed list of paths')
    const [oldMode = '', newMode = '', oldId = '', newId = ''] = record.toString('latin1').slice(1).split(' ')
    touched.push({ path, oldMode, newMode, oldId, newId })
  }
  return touched
}

function withCounts(touched: readonly TouchedPath[], counts: Counts): ChangedPath[] {
  const none = { insertions: null, deletions: null }
  return touched.map((change) => ({ ...change, ...(counts.get(nameOf(change.path)) ?? none) }))
}

async function boundedDiff(
  git: HostGit,
  command: Parameters<HostGit['start']>[0],
  maxBytes: number,
): Promise<{ diff: Uint8Array; truncated: boolean }> {
  const child = git.start(command)
  child.stdin.end()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of child.stdout) {
    chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
    if (size > maxBytes) break
  }
  if (size > maxBytes) {
    child.stop('too-large')
    await child.ended.catch(() => {})
    return { diff: Buffer.concat(chunks).subarray(0, maxBytes), truncated: true }
  }
  const { code, stderr } = await child.ended
  if (code !== 0) throw new GitError('failed', `git diff-tree failed with ${code}`, { argv: command.argv, stderr })
  return { diff: Buffer.concat(chunks), truncated: false }
}
