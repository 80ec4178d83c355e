// The tags that a run may read: those of the forge whose commits are in the history that it may read anyway. `git describe`
// and version numbers that are made from tags need them. Pushing one is refused (push-rules.ts).
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HostGit } from './host-git.ts'
import { requireId } from './read-file.ts'
import { isRefName } from './ref-name.ts'

/** The newest; a clone asks for each, and the ids of all that it asks for are in one event. */
export const MAX_TAGS = 500
const TAGS = 'refs/tags/'
const TIMEOUT_MS = 60_000

/** Writes them into a quarantine that has no refs yet. */
export async function showTags(
  git: HostGit,
  { mirror, quarantine, commits }: { mirror: string; quarantine: string; commits: readonly string[] },
): Promise<void> {
  for (const commit of commits) requireId(commit)
  const argv = [
    'for-each-ref',
    `--count=${MAX_TAGS}`,
    '--sort=-creatordate',
    '--format=%(objectname) %(refname)',
    ...commits.map((commit) => `--merged=${commit}`),
    TAGS,
  ]
  const { stdout } = await git.run({ gitDir: mirror, argv, timeoutMs: TIMEOUT_MS })
  const lines = stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => isRefName(line.slice(line.indexOf(' ') + 1)))
  // One file instead of hundreds (gitrepository-layout(5), packed-refs). Without a header git sorts and peels by itself.
  if (lines.length > 0) await writeFile(join(quarantine, 'packed-refs'), lines.map((line) => `${line}\n`).join(''))
}
