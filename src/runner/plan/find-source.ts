// The source of a run: our updated mirror of the repository, and the requested commit.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Forge } from '../../forges/types.ts'
import type { HostGit } from '../../git/host-git.ts'
import { commitTime } from '../../git/commit-log.ts'
import { resolveRef } from '../../git/mirror.ts'
import type { BaseBranch } from '../../git/quarantine.ts'
import { resolveRevision } from '../../git/resolve-revision.ts'

export interface Source {
  mirror: string
  commit: string
  targetBranch: string
  /** Tip of the default branch, from which the repository's own tasks are read. */
  defaultCommit: string
  base: BaseBranch | null
  /** Commit time, in seconds since the epoch. */
  time: number
  /** How a tag or a commit was resolved; null if the request named a branch. */
  note: string | null
}

export interface SourceParts {
  git: HostGit
  /** Folder of the mirrors, one per repository. */
  mirrors: string
}

export async function findSource(parts: SourceParts, forge: Forge, ref: string | null): Promise<Source> {
  const mirror = mirrorOf(parts, forge.repository)
  await forge.git.updateMirror(mirror)
  const defaultBranch = await forge.git.defaultBranch()
  const resolved = await resolveRevision(parts.git, mirror, ref ?? `refs/heads/${defaultBranch}`, defaultBranch)
  const { commit, branch: targetBranch, note } = resolved
  const atDefault = targetBranch === defaultBranch && note === null
  const defaultCommit = atDefault ? commit : await resolveRef(parts.git, mirror, defaultBranch)
  const base = targetBranch === defaultBranch ? null : { branch: defaultBranch, commit: defaultCommit }
  return { mirror, commit, targetBranch, defaultCommit, base, time: await commitTime(parts.git, mirror, commit), note }
}

export function mirrorOf({ mirrors }: Pick<SourceParts, 'mirrors'>, repository: string): string {
  return join(mirrors, `${createHash('sha256').update(repository).digest('hex').slice(0, 40)}.git`)
}
