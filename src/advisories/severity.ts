import type { AdvisorySeverity } from '../domain/advisory.ts'
import { cvss3Score } from './cvss.ts'
import type { OsvRecord } from './osv-record.ts'

const WORDS: ReadonlyMap<string, AdvisorySeverity> = new Map([
  ['LOW', 'low'],
  ['MODERATE', 'moderate'],
  ['MEDIUM', 'moderate'],
  ['HIGH', 'high'],
  ['CRITICAL', 'critical'],
])

export interface Rating {
  severity: AdvisorySeverity | null
  cvss: { score: number; vector: string | null }
}

/** The severity is the word of the database, else it follows from the CVSS 3 score, else it is null. */
export function ratingOf(record: OsvRecord): Rating {
  const vectors = (record.severity ?? []).map((entry) => entry.score)
  const vector = vectors.find((text) => cvss3Score(text) !== null) ?? vectors[0] ?? null
  const score = vector === null ? null : cvss3Score(vector)
  const word = WORDS.get(record.database_specific?.severity?.toUpperCase() ?? '')
  return { severity: word ?? (score === null ? null : fromScore(score)), cvss: { score: score ?? 0, vector } }
}

/** The rating scale of CVSS 3.1, section 5. */
function fromScore(score: number): AdvisorySeverity {
  if (score >= 9) return 'critical'
  if (score >= 7) return 'high'
  if (score >= 4) return 'moderate'
  return score > 0 ? 'low' : 'info'
}
