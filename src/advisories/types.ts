// Interfaces of advisory sources. Each kind of source has one file.
import type { AdvisoryMatch, PackageVersions } from '../domain/advisory.ts'

export interface AdvisorySource {
  readonly kind: 'osv-directory' | 'upstream'
  /** Name of the source in reports, for people. */
  readonly name: string
  /** The advisories that affect at least one of the versions, sorted by package and id. */
  query(packages: readonly PackageVersions[]): Promise<AdvisoryMatch[]>
}

/** A registry's bulk advisory endpoint: takes `{name: [versions]}` and returns the unchecked answer. */
export interface AdvisoryUpstream {
  readonly name: string
  bulkAdvisories(packages: Readonly<Record<string, readonly string[]>>): Promise<unknown>
}

export class AdvisoryError extends Error {
  readonly code: 'unreadable' | 'no-records' | 'malformed' | 'too-large' | 'upstream'
  constructor(code: AdvisoryError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'AdvisoryError'
    this.code = code
  }
}
