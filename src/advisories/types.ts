// Where advisories come from. One file per kind.
import type { AdvisoryMatch, PackageVersions } from '../domain/advisory.ts'

export interface AdvisorySource {
  readonly kind: 'osv-directory' | 'upstream'
  /** What reports name as their source, for a person. */
  readonly name: string
  /** The advisories that affect at least one of the versions, sorted by package and id. */
  query(packages: readonly PackageVersions[]): Promise<AdvisoryMatch[]>
}

/** A registry's bulk advisory endpoint: takes `{name: [versions]}`, gives what it answered, unchecked. */
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
