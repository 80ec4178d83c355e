// Finds the changed paths that are protected, by their own name or by the name of a link to them.
import { changedFields } from '../../domain/inspection/changed-fields.ts'
import type { FindProtection, Protection } from '../../domain/inspection/protected-paths.ts'
import type { HostGit } from '../../git/host-git.ts'
import { isGitError } from '../../git/git-error.ts'
import type { ChangedPath } from '../../git/inspect.ts'
import { linksOf } from '../../git/links-of.ts'
import { readBlob } from '../../git/read-file.ts'
import { ABSENT, isLinkMode } from './modes.ts'
import { linkNames, type LinkNames } from './link-names.ts'

export interface ProtectedChange {
  /** Attacker-controlled bytes. */
  path: Uint8Array
  kind: string
  /** The protected name of a link to the path; null: the path itself is protected. */
  link: Uint8Array | null
}

export interface ProtectedChanges {
  found: readonly ProtectedChange[]
  /** Notes on parts that could not be examined. */
  notes: readonly string[]
}

const MAX_JSON_BYTES = 1024 * 1024
/** Limit on the files whose fields are compared; in other files every change counts. */
const MAX_COMPARED = 100

export async function protectedChanges(
  git: HostGit,
  { repository, base, commit }: { repository: string; base: string; commit: string },
  changes: readonly ChangedPath[],
  find: FindProtection,
): Promise<ProtectedChanges> {
  const { names, notes } = await namesOfLinks(git, repository, [base, commit], find)
  const found: ProtectedChange[] = []
  let compared = 0
  for (const change of changes) {
    const isLink = isLinkMode(change.oldMode) || isLinkMode(change.newMode)
    const own = find(change.path, { isLink })
    const byLink = own === null ? names(change.path) : null
    const protection = own ?? byLink?.protection ?? null
    if (protection === null) continue
    const look = protection.harmless !== null && !isLink && ++compared <= MAX_COMPARED
    if (look && (await onlyHarmless(git, repository, change, protection))) continue
    found.push({ path: change.path, kind: protection.kind, link: byLink?.link ?? null })
  }
  return { found, notes }
}

async function namesOfLinks(
  git: HostGit,
  repository: string,
  commits: readonly string[],
  find: FindProtection,
): Promise<{ names: LinkNames; notes: string[] }> {
  try {
    const trees = await Promise.all(commits.map((commit) => linksOf(git, repository, commit)))
    return linkNames(trees, find)
  } catch (error) {
    if (!isGitError(error, 'too-large')) throw error
    const note = 'the repository has too many symbolic links to find those with protected names'
    return { names: () => null, notes: [note] }
  }
}

async function onlyHarmless(
  git: HostGit,
  repository: string,
  { oldMode, newMode, oldId, newId }: ChangedPath,
  { harmless }: Protection,
): Promise<boolean> {
  if (oldId === newId) return true
  const read = async (mode: string, id: string) =>
    mode === ABSENT ? null : new TextDecoder().decode(await readBlob(git, repository, id, MAX_JSON_BYTES))
  try {
    const fields = changedFields(await read(oldMode, oldId), await read(newMode, newId))
    return fields !== null && fields.every((field) => harmless?.has(field))
  } catch (error) {
    if (isGitError(error, 'too-large')) return false
    throw error
  }
}
