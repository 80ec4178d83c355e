import { isGitError } from '../../git/git-error.ts'
import type { IncomingPack } from '../../git/incoming-pack.ts'
import { NOT_SENT } from '../../git/incoming-pack.ts'
import { isAncestor } from '../../git/reachability.ts'
import type { RefCommand } from './receive-request.ts'
import type { ServiceParts } from './service-parts.ts'

export interface Examined {
  /** Why the new commit is refused; null if it is acceptable. */
  fault: string | null
  /** Whether the update would drop commits. */
  forced: boolean
}

/**
 * Checks that need the objects of a push. Connectivity comes first: no other check may walk missing or hidden objects.
 */
export async function examineCommits(
  parts: ServiceParts,
  command: RefCommand,
  pack: IncomingPack,
  tips: readonly string[],
): Promise<Examined> {
  const { git, quarantine, baseCommit } = parts
  const look = { repository: quarantine, env: pack.env }
  let forced = false
  try {
    await pack.checkConnected(command.new, tips)
    const { stdout } = await git.run({ gitDir: quarantine, env: pack.env, argv: ['cat-file', '-t', command.new] })
    const type = stdout.toString('latin1').trim()
    if (type !== 'commit') return { fault: `a branch must point to a commit, not to a ${type}`, forced }
    forced = command.kind === 'update' && !(await isAncestor(git, look, command.old, command.new))
    if (forced) return { fault: 'non-fast-forward: a run cannot rewrite what it pushed', forced }
    if (await isAncestor(git, look, baseCommit, command.new)) return { fault: null, forced }
    return { fault: `it does not descend from ${baseCommit.slice(0, 12)}, the commit the run started from`, forced }
  } catch (error) {
    if (!isGitError(error)) throw error
    // git fails on an object that exists nowhere and reports `rejected` for one that only the mirror has. The pusher
    // must not learn which.
    const unsent = error.code === 'rejected' || error.code === 'failed'
    return { fault: unsent ? NOT_SENT : 'its commits could not be read', forced }
  }
}
