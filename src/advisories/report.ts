// What the platform works out itself from the lockfiles of two commits, whatever the run said.
import { valid } from 'semver'
import { advisoryRefs } from '../domain/advisory.ts'
import type { AdvisoryRef, AdvisoryReport } from '../domain/change.ts'
import { comparePackages, parseLockfile, versionsByName, type LockedPackage } from '../domain/inspection/lockfile.ts'
import type { AdvisorySource } from './types.ts'

/** null stands for a commit without a lockfile. Rejects with a LockfileError or an AdvisoryError: no report is no all-clear. */
export async function reportAdvisories(
  source: AdvisorySource,
  lockBefore: string | null,
  lockAfter: string | null,
): Promise<AdvisoryReport> {
  const before = lockBefore === null ? [] : parseLockfile(lockBefore)
  const after = lockAfter === null ? [] : parseLockfile(lockAfter)
  return {
    source: source.name,
    before: await advisoriesOf(source, before),
    after: await advisoriesOf(source, after),
    packages: comparePackages(before, after),
  }
}

async function advisoriesOf(source: AdvisorySource, packages: readonly LockedPackage[]): Promise<AdvisoryRef[]> {
  // Git and file dependencies have no version that an advisory could name.
  const versioned = packages.filter(({ version }) => valid(version, { loose: true }) !== null)
  const asked = new Map([...versionsByName(versioned)].map(([name, versions]) => [name, [...versions]]))
  if (asked.size === 0) return []
  return (await source.query(asked)).flatMap(advisoryRefs)
}
