// Finds the calls around a moment that announced a path, for actions outside their windows. Agents don't wait until an
// announcement is recorded, so the action may be recorded before it.
import type { Call, CallList } from './calls.ts'
import { announces } from './calls.ts'

/** Most calls with the same path that are examined around a moment. */
const MAX_SAME = 16

export class PathCalls {
  readonly #list: CallList
  /** Calls by path id, in the order of their announcement. */
  readonly #byPath = new Map<number, Call[]>()

  constructor(list: CallList) {
    this.#list = list
    for (const call of list.calls)
      for (const id of call.pathIds) {
        const same = this.#byPath.get(id)
        if (same) same.push(call)
        else this.#byPath.set(id, [call])
      }
  }

  /** The active calls that announced the path or a folder above it, and the next call that does. */
  around(key: string, seq: number, access: 'look' | 'touch'): { atWork: Call[]; next: Call | null } {
    const atWork = new Set<Call>()
    let next: Call | null = null
    for (const id of this.#list.announced.covering(key)) {
      const same = this.#byPath.get(id) ?? []
      const following = firstAfter(same, seq)
      for (const call of same.slice(Math.max(0, following - MAX_SAME), following))
        if (call.close >= seq && announces(call, access)) atWork.add(call)
      const candidate = same.slice(following, following + MAX_SAME).find((call) => announces(call, access))
      if (candidate && (next === null || candidate.open < next.open)) next = candidate
    }
    return { atWork: [...atWork], next }
  }
}

/** The index of the first call that is announced after `seq`; `calls` must be in the order of their announcement. */
export function firstAfter(calls: readonly Call[], seq: number): number {
  let [low, high] = [0, calls.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((calls[middle] as Call).open <= seq) low = middle + 1
    else high = middle
  }
  return low
}
