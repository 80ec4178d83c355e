// Where a run works: our mirror of the repository, brought up to date, and the commit that is meant.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Forge } from '../../forges/types.ts'
import type { HostGit } from '../../git/host-git.ts'
import { resolveRef } from '../../git/mirror.ts'
import type { BaseBranch } from '../../git/quarantine.ts'

export interface Source {
  mirror: string
  commit: string
  targetBranch: string
  /** Tip of the default branch: where the repository's own tasks are read from. */
  defaultCommit: string
  base: BaseBranch | null
}

interface SourceParts {
  git: HostGit
  /** Folder of the mirrors, one a repository. */
  mirrors: string
}

export async function findSource(parts: SourceParts, forge: Forge, ref: string | null): Promise<Source> {
  const mirror = mirrorOf(parts, forge.repository)
  await forge.git.updateMirror(mirror)
  const defaultBranch = await forge.git.defaultBranch()
  const targetBranch = (ref ?? defaultBranch).replace(/^refs\/heads\//, '')
  const commit = await resolveRef(parts.git, mirror, targetBranch)
  const defaultCommit = targetBranch === defaultBranch ? commit : await resolveRef(parts.git, mirror, defaultBranch)
  const base = targetBranch === defaultBranch ? null : { branch: defaultBranch, commit: defaultCommit }
  return { mirror, commit, targetBranch, defaultCommit, base }
}

export function mirrorOf({ mirrors }: Pick<SourceParts, 'mirrors'>, repository: string): string {
  return join(mirrors, `${createHash('sha256').update(repository).digest('hex').slice(0, 40)}.git`)
}
