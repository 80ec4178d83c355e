// Group commit: an fsync costs far more than a row, so the calls that arrive in one turn of the event loop, or while
// another transaction holds the connection, share one transaction.
import type { Event } from '../../domain/event.ts'
import type { PreparedEvent } from './prepare-event.ts'
import { RecordError } from './record-error.ts'

interface Call {
  events: readonly PreparedEvent[]
  weight: number
  resolve(events: readonly Event[]): void
  reject(error: unknown): void
}

/**
 * Commits what `take()` hands over once its transaction has begun, and gives the events back in the same order. It lets
 * the event loop turn before that: calls gather meanwhile.
 */
export type Commit = (take: () => readonly PreparedEvent[]) => Promise<readonly Event[]>

/** Characters of leaf in one transaction; a single larger call still goes through, alone. */
const MAX_BATCH = 8 * 1024 ** 2
/** Characters of leaf that may wait. Callers wait for their own events, so only a stuck transaction gets this far. */
const MAX_WAITING = 128 * 1024 ** 2

export class GroupCommit {
  readonly #commit: Commit
  #waiting: Call[] = []
  #waitingWeight = 0
  #draining: Promise<void> | null = null

  constructor(commit: Commit) {
    this.#commit = commit
  }

  add(events: readonly PreparedEvent[]): Promise<readonly Event[]> {
    const weight = events.reduce((sum, { head, tail }) => sum + head.length + tail.length, 0)
    if (this.#waiting.length > 0 && this.#waitingWeight + weight > MAX_WAITING) {
      const message = `${this.#waiting.length} calls wait to be written; the store does not keep up`
      return Promise.reject(new RecordError('overloaded', message))
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ events, weight, resolve, reject })
      this.#waitingWeight += weight
      this.#draining ??= this.#drain()
    })
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#draining) await this.#draining
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) await this.#commitBatch()
    this.#draining = null
  }

  async #commitBatch(): Promise<void> {
    let batch: Call[] = []
    try {
      const events = await this.#commit(() => {
        batch = this.#takeBatch()
        return batch.flatMap((call) => call.events)
      })
      resolveInOrder(batch, events)
    } catch (error) {
      // The transaction may have failed before it took anything; then those that waited for it are told.
      if (batch.length === 0) batch = this.#takeBatch()
      for (const call of batch) call.reject(error)
    }
  }

  #takeBatch(): Call[] {
    let count = 0
    let weight = 0
    for (const call of this.#waiting) {
      if (count > 0 && weight + call.weight > MAX_BATCH) break
      count += 1
      weight += call.weight
    }
    this.#waitingWeight -= weight
    return this.#waiting.splice(0, count)
  }
}

function resolveInOrder(batch: readonly Call[], events: readonly Event[]): void {
  let from = 0
  for (const call of batch) {
    call.resolve(events.slice(from, from + call.events.length))
    from += call.events.length
  }
}
