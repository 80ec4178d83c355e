// The time windows of calls: the active calls at a moment, and the actions that may belong to them. Callers must query
// moments in the order of the record.
import type { Boundary, Call } from './calls.ts'
import { announces, takesFiles, takesProcesses } from './calls.ts'
import type { Candidates, Found } from './candidates.ts'
import { bounded } from './candidates.ts'
import { LiveCalls } from './live-calls.ts'

const ACCESSES = ['look', 'touch'] as const
/** Most calls on one path that are examined; more than are ever named. */
const MAX_SEARCHED = 64

export class Windows {
  readonly #calls: readonly Call[]
  readonly #boundaries: readonly Boundary[]
  /** For each boundary, the first one from it on that comes with a mark of the guest. Decisions come without a mark. */
  readonly #marks: readonly (Boundary | null)[]
  #at = 0
  readonly #forProcesses = new LiveCalls()
  readonly #forLooks = new LiveCalls()
  readonly #forTouches = new LiveCalls()
  readonly #withCommand = new LiveCalls()
  /** Active calls by the id of a path that they announced. */
  readonly #byPath = { look: new Map<number, LiveCalls>(), touch: new Map<number, LiveCalls>() }
  #cache: { processes: Found; look: Found; touch: Found; near: readonly Call[] } | null = null

  constructor(calls: readonly Call[], boundaries: readonly Boundary[]) {
    this.#calls = calls
    this.#boundaries = boundaries
    let mark: Boundary | null = null
    this.#marks = boundaries
      .toReversed()
      .map((boundary) => (mark = boundary.kind === 'decide' ? mark : boundary))
      .toReversed()
  }

  processes(seq: number): Found {
    return this.#moment(seq).processes
  }

  files(seq: number, access: 'look' | 'touch'): Found {
    return this.#moment(seq)[access]
  }

  /** Active calls with a command, and the next call if it has one. */
  near(seq: number): readonly Call[] {
    return this.#moment(seq).near
  }

  /** Calls that announced one of these paths and that kind of access. `covering`: ids from AnnouncedPaths. */
  paths(seq: number, covering: readonly number[], access: 'look' | 'touch'): Candidates {
    this.#moment(seq)
    const found = new Set<number>()
    const next = this.#next()
    for (const path of covering) {
      for (const index of this.#byPath[access].get(path) ?? []) {
        if (found.size > MAX_SEARCHED) break
        found.add(index)
      }
      if (next?.pathIds.has(path) && announces(next, access)) found.add(next.index)
    }
    return bounded(found, found.size)
  }

  #moment(seq: number) {
    for (; (this.#boundaries[this.#at]?.seq ?? Infinity) < seq; this.#at++) {
      this.#pass(this.#boundaries[this.#at] as Boundary)
      this.#cache = null
    }
    return (this.#cache ??= this.#look())
  }

  #pass({ kind, call, seq }: Boundary): void {
    if (kind === 'close') return this.#remove(call)
    if (call.close <= seq) return
    if (kind === 'open') {
      if (call.command !== null) this.#withCommand.add(call.index)
      for (const access of ACCESSES) if (announces(call, access)) this.#addPaths(call, access)
    }
    // A call that waits for permission has not started; a denied call never starts.
    if (call.held && (kind === 'open' || call.denied || seq < call.decided)) return
    if (takesProcesses(call)) this.#forProcesses.add(call.index)
    if (takesFiles(call, 'look')) this.#forLooks.add(call.index)
    if (takesFiles(call, 'touch')) this.#forTouches.add(call.index)
  }

  #remove({ index, pathIds }: Call): void {
    for (const set of [this.#forProcesses, this.#forLooks, this.#forTouches, this.#withCommand]) set.delete(index)
    for (const access of ACCESSES)
      for (const path of pathIds) {
        const set = this.#byPath[access].get(path)
        set?.delete(index)
        if (set?.size === 0) this.#byPath[access].delete(path)
      }
  }

  #look() {
    const next = this.#next()
    const may = next !== null && !next.held ? next : null
    const found = (set: LiveCalls, takes: (call: Call) => boolean): Found => ({
      ...bounded(set, set.size),
      next: may !== null && takes(may) ? may.index : null,
    })
    const commands = bounded(this.#withCommand, this.#withCommand.size).calls.map((index) => this.#call(index))
    return {
      processes: found(this.#forProcesses, takesProcesses),
      look: found(this.#forLooks, (call) => takesFiles(call, 'look')),
      touch: found(this.#forTouches, (call) => takesFiles(call, 'touch')),
      near: next !== null && next.command !== null ? [...commands, next] : commands,
    }
  }

  /** The call whose announcement is the next mark. */
  #next(): Call | null {
    const mark = this.#marks[this.#at]
    return mark?.kind === 'open' ? mark.call : null
  }

  #call(index: number): Call {
    return this.#calls[index] as Call
  }

  #addPaths({ index, pathIds }: Call, access: (typeof ACCESSES)[number]): void {
    const byPath = this.#byPath[access]
    for (const path of pathIds) {
      const live = byPath.get(path) ?? new LiveCalls()
      live.add(index)
      byPath.set(path, live)
    }
  }
}
