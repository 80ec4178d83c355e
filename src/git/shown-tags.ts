// The tags that a run may read: tags of the forge whose commits are in the history that the run may read. `git describe`
// and version numbers made from tags need them. A run cannot push a tag (push-rules.ts).
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HostGit } from './host-git.ts'
import { requireId } from './read-file.ts'
import { isRefName } from './ref-name.ts'

/** Only the newest tags: a clone asks for each, and one event lists the ids of everything that it asks for. */
export const MAX_TAGS = 500
const TAGS = 'refs/tags/'
const TIMEOUT_MS = 60_000

/** Writes the tags into a quarantine that has no refs yet. */
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
  // One packed-refs file instead of hundreds of files (gitrepository-layout(5)). Without a header, git sorts and peels it.
  if (lines.length > 0) await writeFile(join(quarantine, 'packed-refs'), lines.map((line) => `${line}\n`).join(''))
}
