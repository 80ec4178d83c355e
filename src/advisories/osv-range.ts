// Converts an OSV range to a range that npm understands, and tests whether a range contains a version.
// Algorithm: https://ossf.github.io/osv-schema/#evaluation
import { compare, parse, Range, type SemVer } from 'semver'
import type { KnownAffected, OsvEvent } from './osv-record.ts'
import { AdvisoryError } from './types.ts'

/** Versions from `from` up to `to`. null: unbounded. */
interface Interval {
  from: SemVer | null
  to: SemVer | null
  including: boolean
}

export interface AffectedRange {
  /** A range for semver with `includePrerelease`, as npm evaluates it. */
  npm: string
  /** Versions that end an interval, ascending. */
  fixed: string[]
}

/** Throws an AdvisoryError if a version is invalid. */
export function affectedRange(affected: KnownAffected): AffectedRange {
  const ranges = affected.ranges.flatMap((range) => (range.type === 'GIT' ? [] : [range.events]))
  const lastKnown = affected.database_specific?.last_known_affected_version_range
  const intervals = ranges.flatMap((events) => intervalsOf(events)).map((interval) => closed(interval, lastKnown))
  const exact = affected.versions.map((version) => semverOf(version).version)
  const covered = intervals.map(rangeText)
  const isCovered = covered.map(rangeTest)
  const single = exact.filter((version) => !isCovered.some((test) => test(version)))
  const fixed = intervals.flatMap((interval) => (interval.to !== null && !interval.including ? [interval.to] : []))
  return {
    npm: [...covered, ...single].join(' || '),
    fixed: [...new Set(fixed.toSorted(compare).map((version) => version.version))],
  }
}

const NPM_READS = { includePrerelease: true, loose: true }

/** Returns false if `version` is not semver: git and file dependencies do not come from a registry. */
export function inRange(version: string, range: string): boolean {
  return rangeTest(range)(version)
}

/** inRange() for many versions of one range: parsing the range takes far longer than a test. */
export function rangeTest(range: string): (version: string) => boolean {
  const read = range === '' ? null : readRange(range)
  return (version) => read?.test(parse(version, NPM_READS) ?? '') ?? false
}

function readRange(range: string): Range | null {
  try {
    return new Range(range, NPM_READS)
  } catch {
    return null
  }
}

interface Mark {
  kind: 'introduced' | 'fixed' | 'last_affected'
  version: SemVer | null
}

// At one version a fix comes before a new introduction, and the last affected version is still affected.
const ORDER = { fixed: 0, introduced: 1, last_affected: 2 } as const

function intervalsOf(events: readonly OsvEvent[]): Interval[] {
  const marks = events
    .map(markOf)
    .toSorted((one, other) => compareBounds(one.version, other.version) || ORDER[one.kind] - ORDER[other.kind])
  const intervals: Interval[] = []
  let open: Mark | null = null
  for (const mark of marks) {
    if (mark.kind === 'introduced') open ??= mark
    else if (open !== null) {
      intervals.push({ from: open.version, to: mark.version, including: mark.kind === 'last_affected' })
      open = null
    }
  }
  if (open !== null) intervals.push({ from: open.version, to: null, including: false })
  return intervals
}

function markOf(event: OsvEvent): Mark {
  if ('introduced' in event)
    return { kind: 'introduced', version: event.introduced === '0' ? null : semverOf(event.introduced) }
  if ('fixed' in event) return { kind: 'fixed', version: semverOf(event.fixed) }
  return { kind: 'last_affected', version: semverOf(event.last_affected) }
}

/** `introduced: "0"` sorts before every version. */
function compareBounds(one: SemVer | null, other: SemVer | null): number {
  if (one === null || other === null) return Number(other === null) - Number(one === null)
  return compare(one, other)
}

/**
 * Closes an open interval at the last known affected version. GitHub leaves a range without a fix open and puts that
 * version into `last_known_affected_version_range`. If the field is not `< version` or `<= version`, the range stays open.
 */
function closed(interval: Interval, lastKnown: string | undefined): Interval {
  if (interval.to !== null || lastKnown === undefined) return interval
  const [, operator, text = ''] = /^(<=?) ?([0-9A-Za-z.+-]+)$/.exec(lastKnown.trim()) ?? []
  const to = parse(text, { loose: true })
  if (to === null || compareBounds(interval.from, to) > 0) return interval
  return { from: interval.from, to, including: operator === '<=' }
}

function rangeText({ from, to, including }: Interval): string {
  const upper = to === null ? '' : `${including ? '<=' : '<'}${to.version}`
  if (from === null) return upper === '' ? '*' : upper
  return `>=${from.version}${upper === '' ? '' : ` ${upper}`}`
}

function semverOf(text: string): SemVer {
  const version = parse(text, { loose: true })
  if (version === null) throw new AdvisoryError('malformed', `${JSON.stringify(text.slice(0, 80))} is not a version`)
  return version
}
