// npm's bulk advisory format: the request of `npm audit` and the answer to it.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { AdvisorySeverity, type AdvisoryMatch } from '../domain/advisory.ts'
import { rangeTest } from './osv-range.ts'
import { AdvisoryError } from './types.ts'

const MAX_PACKAGES = 100_000
const MAX_VERSIONS = 1000
/** Limit on the versions of all packages together. The largest dependency trees have some ten thousand. */
const MAX_QUESTIONS = 50_000

/** Parses `{name: [versions]}` from a sandbox. Attacker-controlled. */
export function parseBulkQuestion(text: string): Map<string, string[]> {
  const json = parseJson(text)
  // Zod silently drops the key `__proto__`, so the answer would not cover the whole question.
  if (typeof json === 'object' && json !== null && Object.hasOwn(json, '__proto__'))
    throw new AdvisoryError('malformed', '`__proto__` is not the name of a package: remove it.')
  const parsed = z.record(z.string().max(300), z.array(z.string().max(300)).max(MAX_VERSIONS)).safeParse(json)
  if (!parsed.success) throw new AdvisoryError('malformed', 'The body must be {"name": ["version", …]}.')
  const entries = Object.entries(parsed.data)
  if (entries.length > MAX_PACKAGES)
    throw new AdvisoryError('too-large', `The request names more than ${MAX_PACKAGES} packages: ask about fewer.`)
  if (entries.reduce((sum, [, versions]) => sum + versions.length, 0) > MAX_QUESTIONS)
    throw new AdvisoryError('too-large', `The request names more than ${MAX_QUESTIONS} versions: ask about fewer.`)
  return new Map(entries.map(([name, versions]) => [name, [...new Set(versions)]]))
}

interface BulkAdvisory {
  id: number
  url: string
  title: string
  severity: AdvisorySeverity
  vulnerable_versions: string
  cwe: readonly string[]
  cvss: { score: number; vectorString: string | null }
}

export function bulkAnswer(matches: readonly AdvisoryMatch[]): Record<string, BulkAdvisory[]> {
  const answer = new Map<string, BulkAdvisory[]>()
  for (const match of matches) answer.set(match.package, [...(answer.get(match.package) ?? []), bulkAdvisory(match)])
  return Object.fromEntries(answer)
}

const UpstreamAdvisory = z.object({
  id: z.number(),
  url: z.string().max(2000),
  title: z.string().max(10_000),
  severity: AdvisorySeverity.nullish().catch(null),
  vulnerable_versions: z.string().max(10_000),
  cwe: z.array(z.string()).nullish(),
  cvss: z.object({ score: z.number().nullish(), vectorString: z.string().nullish() }).nullish(),
})
const UpstreamAnswer = z.record(z.string(), z.array(UpstreamAdvisory).max(10_000))

/** Parses a registry's answer and matches it with the question. Throws an AdvisoryError if it is malformed. */
export function parseBulkAnswer(answer: unknown, asked: ReadonlyMap<string, readonly string[]>): AdvisoryMatch[] {
  const parsed = UpstreamAnswer.safeParse(answer)
  if (!parsed.success) throw new AdvisoryError('malformed', 'The answer of the registry is not a list of advisories.')
  return Object.entries(parsed.data)
    .flatMap(([name, advisories]) => advisories.map((advisory) => matchOf(name, advisory, asked.get(name) ?? [])))
    .filter((match) => match.versions.length > 0)
}

function matchOf(name: string, advisory: z.infer<typeof UpstreamAdvisory>, versions: readonly string[]): AdvisoryMatch {
  const range = advisory.vulnerable_versions
  return {
    id: /GHSA(-[0-9a-z]{4}){3}/.exec(advisory.url)?.[0] ?? String(advisory.id),
    aliases: [],
    ecosystem: 'npm',
    package: name,
    versions: versions.filter(rangeTest(range)),
    severity: advisory.severity ?? null,
    title: advisory.title,
    url: advisory.url,
    vulnerableRange: range,
    fixed: [...range.matchAll(/<(?!=)\s*([0-9][0-9A-Za-z.+-]*)/g)].map((match) => match[1] as string),
    cwe: advisory.cwe ?? [],
    cvss: { score: advisory.cvss?.score ?? 0, vector: advisory.cvss?.vectorString ?? null },
  }
}

function bulkAdvisory(match: AdvisoryMatch): BulkAdvisory {
  return {
    id: stableNumber(`${match.id} ${match.package}`),
    url: match.url,
    title: match.title,
    // npm has no word for "unknown", and `--audit-level` must not hide an advisory without a rating.
    severity: match.severity ?? 'high',
    vulnerable_versions: match.vulnerableRange,
    cwe: match.cwe,
    cvss: { score: match.cvss.score, vectorString: match.cvss.vector },
  }
}

/** npm identifies an advisory by a number; 48 bits are enough to avoid collisions in the whole database. */
function stableNumber(text: string): number {
  return createHash('sha256').update(text).digest().readUIntBE(0, 6)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new AdvisoryError('malformed', 'The body is not JSON.')
  }
}
