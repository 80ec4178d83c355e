import { parseBulkAnswer } from './bulk-answer.ts'
import { AdvisoryError, type AdvisorySource, type AdvisoryUpstream } from './types.ts'

/** Advisories from the configured registry. */
export function upstreamAdvisories(upstream: AdvisoryUpstream): AdvisorySource {
  return {
    kind: 'upstream',
    name: upstream.name,
    async query(asked) {
      // Only npm has this endpoint.
      const ofNpm = asked.filter(({ ecosystem }) => ecosystem === 'npm')
      const packages = new Map(ofNpm.map(({ name, versions }) => [name, versions]))
      const answer = await upstream.bulkAdvisories(Object.fromEntries(packages)).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : 'unknown'
        throw new AdvisoryError(
          'upstream',
          `${upstream.name} gave no advisories: ${why} Use --advisories DIR, a folder of OSV records, where the registry has none.`,
          { cause: error },
        )
      })
      return parseBulkAnswer(answer, packages)
    },
  }
}
