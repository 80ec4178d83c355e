// Group commit: an fsync costs far more than a row. Calls that arrive in one turn of the event loop, or while another
// transaction holds the connection, share one transaction.
import type { Event } from '../../domain/event.ts'
import type { ClaimKey } from '../tables/claims.ts'
import type { PreparedEvent } from './prepare-event.ts'
import { RecordError } from './record-error.ts'

export interface RecordCall {
  events: readonly PreparedEvent[]
  /** The claim under which the events are recorded; null: the caller needs no claim. */
  claim: ClaimKey | null
}

interface Waiting extends RecordCall {
  weight: number
  resolve(events: readonly Event[]): void
  reject(error: unknown): void
}

/** The result of a call: its events as recorded, or the error because of which none of them was recorded. */
export type Outcome = readonly Event[] | Error

/**
 * Commits the calls that `take()` returns and resolves with one outcome per call, in the same order. It calls `take()`
 * only once its transaction has begun and yields to the event loop before, so that calls gather. A retried transaction
 * calls `take()` again and gets the same calls: a batch stays the same until it is committed or has failed for good.
 */
export type Commit = (take: () => readonly RecordCall[]) => Promise<readonly Outcome[]>

/** Most characters of leaves in one transaction; a single larger call gets a transaction of its own. */
const MAX_BATCH = 8 * 1024 ** 2
/**
 * Most characters of leaves that may wait. Callers await their own events, so only a stuck transaction reaches this.
 */
const MAX_WAITING = 128 * 1024 ** 2

export class GroupCommit {
  readonly #commit: Commit
  #waiting: Waiting[] = []
  #waitingWeight = 0
  #draining: Promise<void> | null = null

  constructor(commit: Commit) {
    this.#commit = commit
  }

  add(call: RecordCall): Promise<readonly Event[]> {
    const weight = call.events.reduce((sum, { head, tail }) => sum + head.length + tail.length, 0)
    if (this.#waiting.length > 0 && this.#waitingWeight + weight > MAX_WAITING) {
      const message = `${this.#waiting.length} calls wait to be written; the database is too slow. Try again later`
      return Promise.reject(new RecordError('overloaded', message))
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...call, weight, resolve, reject })
      this.#waitingWeight += weight
      this.#draining ??= this.#drain()
    })
  }

  /** Resolves when no call waits. */
  async idle(): Promise<void> {
    while (this.#draining) await this.#draining
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) await this.#commitBatch()
    this.#draining = null
  }

  async #commitBatch(): Promise<void> {
    let batch: Waiting[] | null = null
    const take = (): Waiting[] => (batch ??= this.#takeBatch())
    try {
      const outcomes = await this.#commit(take)
      for (const [index, call] of take().entries()) settle(call, outcomes[index])
    } catch (error) {
      // If the transaction failed before it took its batch, take() forms the batch now and its calls are rejected.
      for (const call of take()) call.reject(error)
    }
  }

  #takeBatch(): Waiting[] {
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

function settle(call: Waiting, outcome: Outcome | undefined): void {
  if (Array.isArray(outcome)) call.resolve(outcome as readonly Event[])
  else call.reject(outcome ?? new Error('the transaction gave no outcome for this call'))
}
