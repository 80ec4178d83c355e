// A published vulnerability of a package, matched against queried versions.
import { z } from 'zod'
import type { AdvisoryRef } from './change.ts'
import { Ecosystem } from './ecosystem.ts'

/** npm's severities, in rising order. */
export const AdvisorySeverity = z.enum(['info', 'low', 'moderate', 'high', 'critical'])
export type AdvisorySeverity = z.infer<typeof AdvisorySeverity>

export const AdvisoryMatch = z.object({
  id: z.string().describe('GHSA id, or the id of the record'),
  aliases: z.array(z.string()).describe('CVE ids'),
  ecosystem: Ecosystem,
  package: z.string(),
  versions: z.array(z.string()).describe('the queried versions that are affected'),
  severity: AdvisorySeverity.nullable(),
  title: z.string(),
  url: z.string(),
  vulnerableRange: z.string().describe('an npm semver range'),
  fixed: z.array(z.string()).describe('versions that end the vulnerable ranges'),
  cwe: z.array(z.string()),
  cvss: z.object({ score: z.number(), vector: z.string().nullable() }),
})
export type AdvisoryMatch = z.infer<typeof AdvisoryMatch>

/** What is asked about a package. */
export interface PackageVersions {
  ecosystem: Ecosystem
  name: string
  versions: readonly string[]
}

/** Name to versions, all of one ecosystem. */
export function packagesOf(ecosystem: Ecosystem, versions: ReadonlyMap<string, Iterable<string>>): PackageVersions[] {
  return [...versions].map(([name, of]) => ({ ecosystem, name, versions: [...of] }))
}

/** One reference for each affected version. */
export function advisoryRefs(match: AdvisoryMatch): AdvisoryRef[] {
  const { id, aliases, ecosystem, severity, title, fixed } = match
  return match.versions.map((version) => ({
    id,
    aliases,
    ecosystem,
    package: match.package,
    version,
    severity,
    title,
    fixed,
  }))
}
