// Calls that an action may belong to. The list is bounded: with more open windows, no person reads the names.

export const MAX_NAMED = 16

export interface Candidates {
  calls: readonly number[]
  omitted: number
}

/** The candidates by time window at one moment. */
export interface Found extends Candidates {
  /** The call that is announced next, if it may have started already; else null. */
  next: number | null
}

export const NOBODY: Found = { calls: [], omitted: 0, next: null }

export function bounded(calls: Iterable<number>, size: number): Candidates {
  const named: number[] = []
  for (const call of calls) {
    if (named.length === MAX_NAMED) break
    named.push(call)
  }
  return { calls: named, omitted: size - named.length }
}

export function union(a: Candidates, b: Candidates): Candidates {
  const all = new Set([...a.calls, ...b.calls])
  const { calls, omitted } = bounded(all, all.size)
  return { calls, omitted: omitted + a.omitted + b.omitted }
}

export function common(a: Candidates, b: Candidates): readonly number[] {
  return a.omitted + b.omitted > 0 ? [] : a.calls.filter((call) => b.calls.includes(call))
}
