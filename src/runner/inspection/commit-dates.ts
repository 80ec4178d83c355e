// Finds commits with dates that cannot be real. Tools sort, expire and blame by these dates.
import type { CommitSummary } from '../../git/commit-log.ts'

/** Milliseconds since the epoch. */
export interface RunTimes {
  /** Committer time that the base commit of the run claims. */
  base: number
  now: number
}

const DAY_MS = 24 * 60 * 60 * 1000

/** The sandbox dates commits one second after the base, so that they repeat. The date of a base may be in the future. */
export function oddDates(commits: readonly CommitSummary[], { base, now }: RunTimes): string[] {
  const latest = Math.max(now, base) + DAY_MS
  const earliest = Math.min(now, base) - DAY_MS
  return commits.flatMap(({ id, authorTime, committerTime }) => {
    const times = authorTime === committerTime ? [authorTime] : [authorTime, committerTime]
    return times.flatMap((time) => {
      if (time > latest) return [`commit ${id.slice(0, 12)} is dated ${dateText(time)}, which is after this run`]
      const before = 'which is before the commit that the run started from'
      return time < earliest ? [`commit ${id.slice(0, 12)} is dated ${dateText(time)}, ${before}`] : []
    })
  })
}

/** JavaScript has no dates after the year 275,760. */
function dateText(time: number): string {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? `${time / 1000} seconds since 1970` : date.toISOString().slice(0, 10)
}
