// CVSS 3 base score. Source: https://www.first.org/cvss/v3.1/specification-document, section 7 and appendix A.
import { own } from '../domain/own.ts'

type Table = Readonly<Record<string, number>>

const WEIGHT = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  UI: { N: 0.85, R: 0.62 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
} as const satisfies Record<string, Table>

const PRIVILEGES: Readonly<Record<string, Table>> = {
  U: { N: 0.85, L: 0.62, H: 0.27 },
  C: { N: 0.85, L: 0.68, H: 0.5 },
}

/** Returns null if the vector is not a complete CVSS 3.0 or 3.1 base vector. */
export function cvss3Score(vector: string): number | null {
  const [prefix, ...metrics] = vector.split('/')
  if (prefix !== 'CVSS:3.0' && prefix !== 'CVSS:3.1') return null
  const values = new Map(metrics.map((metric) => metric.split(':', 2) as [string, string]))
  const scope = values.get('S') ?? ''
  const weight = (table: Table | undefined, metric: string): number =>
    (table && own(table, values.get(metric) ?? '')) ?? Number.NaN
  const of = (metric: keyof typeof WEIGHT): number => weight(WEIGHT[metric], metric)
  const missed = 1 - (1 - of('C')) * (1 - of('I')) * (1 - of('A'))
  const impact = scope === 'C' ? 7.52 * (missed - 0.029) - 3.25 * (missed - 0.02) ** 15 : 6.42 * missed
  const exploitability = 8.22 * of('AV') * of('AC') * weight(own(PRIVILEGES, scope), 'PR') * of('UI')
  if (Number.isNaN(impact + exploitability)) return null
  if (impact <= 0) return 0
  return roundUp(Math.min((scope === 'C' ? 1.08 : 1) * (impact + exploitability), 10))
}

/** Rounds up to one decimal. It computes with integers, so that a floating-point 4.000000001 stays 4.0 (appendix A). */
function roundUp(value: number): number {
  const scaled = Math.round(value * 100_000)
  return scaled % 10_000 === 0 ? scaled / 100_000 : (Math.floor(scaled / 10_000) + 1) / 10
}
