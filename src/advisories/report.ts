// The report of advisories, made by the platform from the lockfiles of two commits. It uses no output of the run.
import { valid } from 'semver'
import { advisoryRefs, packagesOf } from '../domain/advisory.ts'
import type { AdvisoryRef, AdvisoryReport } from '../domain/change.ts'
import { comparePlaces } from '../domain/inspection/compare-places.ts'
import { type Locked, type LockedPackage, readLocked, versionsByName } from '../domain/inspection/lockfile.ts'
import type { AdvisorySource } from './types.ts'

const NOTHING: Locked = { packages: [], links: [] }

/**
 * null stands for a commit without a readable lockfile; `note` gives the reason. Rejects with a LockfileError or an
 * AdvisoryError, since a missing report must not count as an all-clear.
 */
export async function reportAdvisories(
  source: AdvisorySource,
  lockBefore: string | null,
  lockAfter: string | null,
  note: string | null = null,
): Promise<AdvisoryReport> {
  const before = lockBefore === null ? NOTHING : readLocked(lockBefore)
  const after = lockAfter === null ? NOTHING : readLocked(lockAfter)
  return {
    source: source.name,
    examined: { before: lockBefore !== null, after: lockAfter !== null },
    note,
    before: await advisoriesOf(source, before.packages),
    after: await advisoriesOf(source, after.packages),
    // If the lockfile was removed, that does not count as removing its packages.
    packages: lockAfter === null ? [] : comparePlaces(before, after),
  }
}

async function advisoriesOf(source: AdvisorySource, packages: readonly LockedPackage[]): Promise<AdvisoryRef[]> {
  // Git and file dependencies have no version that an advisory could name.
  const versioned = packages.filter(({ version }) => valid(version, { loose: true }) !== null)
  const asked = packagesOf('npm', versionsByName(versioned))
  if (asked.length === 0) return []
  return (await source.query(asked)).flatMap(advisoryRefs)
}
