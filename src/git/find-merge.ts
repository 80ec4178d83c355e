import type { HostGit } from './host-git.ts'
import { isAncestor } from './reachability.ts'
import { requireId } from './read-file.ts'

const MAX_OUTPUT = 64 * 1024 * 1024

/**
 * Finds how the commit came into the tip's history: by the merge commit on the first-parent line that has it as a second
 * or later parent, else by a fast-forward. Returns null if the tip does not contain the commit. After a crash between a
 * merge and its record, this prevents a second merge.
 */
export async function findMerge(
  git: HostGit,
  repository: string,
  { tip, commit }: { tip: string; commit: string },
): Promise<{ commit: string; kind: 'merge' | 'fast-forward' } | null> {
  for (const id of [tip, commit]) requireId(id)
  if (!(await isAncestor(git, { repository }, commit, tip))) return null
  const argv = ['rev-list', '--first-parent', '--merges', '--parents', `^${commit}`, tip]
  const { stdout } = await git.run({ gitDir: repository, argv, maxOutput: MAX_OUTPUT })
  const lines = stdout
    .toString('latin1')
    .split('\n')
    .map((line) => line.split(' '))
  const made = lines.find(([, , ...further]) => further.includes(commit))?.[0]
  return made === undefined ? { commit: tip, kind: 'fast-forward' } : { commit: made, kind: 'merge' }
}
