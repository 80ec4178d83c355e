import type { HostGit } from './host-git.ts'
import { isAncestor } from './reachability.ts'
import { requireId } from './read-file.ts'

const MAX_OUTPUT = 64 * 1024 * 1024

/**
 * How the commit came into the tip's history, so that a merge which was done but not noted is not done twice: the
 * merge commit on the first-parent line that has it as a further parent, else a fast-forward; null when it is not in.
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
