// Oracle: OSV's own evaluation algorithm, event by event (https://ossf.github.io/osv-schema/#evaluation), with GitHub's
// bound for open ranges. Independent of src/advisories/osv-range.ts, which converts to an npm range instead.
import { compare, gt, gte, lt, lte, valid } from 'semver'
import type { KnownAffected, OsvEvent } from '../../src/advisories/osv-record.ts'

const LOOSE = { loose: true }
type Entry = [kind: string, at: string]

export function isAffected(affected: KnownAffected, version: string): boolean {
  const bound = affected.database_specific?.last_known_affected_version_range
  const inRanges = affected.ranges.some((range) => range.type !== 'GIT' && evaluate(range.events, version, bound))
  return inRanges || affected.versions.some((one) => compare(one, version, LOOSE) === 0)
}

function evaluate(events: readonly OsvEvent[], version: string, bound: string | undefined): boolean {
  const sorted = events.map((event) => Object.entries(event)[0] as Entry).toSorted(inOrder)
  let vulnerable = false
  let open: string | null = null
  for (const [kind, at] of sorted) {
    if (kind === 'introduced') open ??= at
    else open = null
    if (kind === 'introduced' && (at === '0' || gte(version, at, LOOSE))) vulnerable = true
    if (kind === 'fixed' && gte(version, at, LOOSE)) vulnerable = false
    if (kind === 'last_affected' && gt(version, at, LOOSE)) vulnerable = false
  }
  const inOpenPart = open !== null && (open === '0' || gte(version, open, LOOSE))
  return vulnerable && !(inOpenPart && isBeyond(version, open as string, bound))
}

function isBeyond(version: string, from: string, bound: string | undefined): boolean {
  const [, operator, text = ''] = /^(<=?) ?([0-9A-Za-z.+-]+)$/.exec(bound?.trim() ?? '') ?? []
  const to = valid(text, LOOSE)
  if (to === null || (from !== '0' && gt(from, to, LOOSE))) return false
  return operator === '<=' ? !lte(version, to) : !lt(version, to)
}

function inOrder([oneKind, one]: Entry, [otherKind, other]: Entry): number {
  const kinds = ['fixed', 'introduced', 'last_affected']
  const [start, otherStart] = [oneKind === 'introduced' && one === '0', otherKind === 'introduced' && other === '0']
  if (start || otherStart) return Number(otherStart) - Number(start)
  return compare(one, other, LOOSE) || kinds.indexOf(oneKind) - kinds.indexOf(otherKind)
}
