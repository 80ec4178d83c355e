import type { ByteText } from '../domain/byte-text.ts'
import { byteText } from '../domain/byte-text.ts'
import { GitError } from './git-error.ts'
import type { HostGit } from './host-git.ts'
import { requireId, splitNul } from './read-file.ts'

/** The header of a commit. Attacker-controlled: its names, addresses and times are only claims. */
export interface CommitSummary {
  id: string
  parents: readonly string[]
  authorName: ByteText
  authorEmail: ByteText
  /** Milliseconds since the epoch. */
  authorTime: number
  committerName: ByteText
  committerEmail: ByteText
  committerTime: number
  subject: ByteText
}

/** The committer time that the commit claims, in seconds since the epoch; 0 if git cannot read it. */
export async function commitTime(git: HostGit, repository: string, commit: string): Promise<number> {
  requireId(commit)
  const argv = ['log', '-1', '--format=tformat:%ct', '--no-notes', '--no-decorate', commit]
  const { stdout } = await git.run({ gitDir: repository, argv })
  const seconds = Number(stdout.toString('latin1').trim())
  return Number.isSafeInteger(seconds) ? seconds : 0
}

const FIELDS = ['%H', '%P', '%an', '%ae', '%at', '%cn', '%ce', '%ct', '%s'] as const
const MAX_COMMITS = 10_000

/** The commits of base..commit, oldest first. Throws GitError `too-large` if there are over 10,000. */
export async function commitLog(
  git: HostGit,
  range: { repository: string; base: string; commit: string },
): Promise<CommitSummary[]> {
  for (const id of [range.base, range.commit]) requireId(id)
  // -z ends each commit with NUL, and NUL cannot be in a commit's header or subject.
  const format = `--format=tformat:${FIELDS.join('%x00')}`
  const argv = [
    'log',
    '-z',
    format,
    '--reverse',
    '--topo-order',
    '--no-mailmap',
    '--no-notes',
    '--no-decorate',
    '--encoding=UTF-8',
    `--max-count=${MAX_COMMITS + 1}`,
  ]
  const { stdout } = await git.run({ gitDir: range.repository, argv: [...argv, `^${range.base}`, range.commit] })
  const values = splitNul(stdout)
  const commits: CommitSummary[] = []
  for (let at = 0; at + FIELDS.length <= values.length; at += FIELDS.length)
    commits.push(parseCommit(values.slice(at, at + FIELDS.length)))
  if (commits.length > MAX_COMMITS) throw new GitError('too-large', `there are over ${MAX_COMMITS} commits`)
  return commits
}

function parseCommit(values: readonly Buffer[]): CommitSummary {
  const bytes = (index: number) => values[index] ?? Buffer.alloc(0)
  const time = (index: number) => (Number.parseInt(bytes(index).toString('latin1'), 10) || 0) * 1000
  return {
    id: bytes(0).toString('latin1'),
    parents: bytes(1)
      .toString('latin1')
      .split(' ')
      .filter((id) => id !== ''),
    authorName: byteText(bytes(2)),
    authorEmail: byteText(bytes(3)),
    authorTime: time(4),
    committerName: byteText(bytes(5)),
    committerEmail: byteText(bytes(6)),
    committerTime: time(7),
    subject: byteText(bytes(8)),
  }
}
