// The calls that announced a path, around a moment: for what is seen outside of their windows. Agents do not wait until
// an announcement has been heard, so that what they announced may be on the record before it.
import type { Call, CallList } from './calls.ts'
import { announces } from './calls.ts'

/** Of calls with one and the same path, so many are looked at around a moment. */
const MAX_SAME = 16

export class PathCalls {
  readonly #list: CallList
  /** By the id of a path, in the order of their announcement. */
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

  /** Those at work that announced the path or a folder that it is in, and the next one that does. */
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

/** Of calls in the order of their announcement, the index of the first one that is announced after that. */
export function firstAfter(calls: readonly Call[], seq: number): number {
  let [low, high] = [0, calls.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((calls[middle] as Call).open <= seq) low = middle + 1
    else high = middle
  }
  return low
}
