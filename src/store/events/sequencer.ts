// The sequencer: gives events their positions in the log of the instance, soon after their commit and in batches. One
// transaction per event would cost as much as recording it. A crash before that loses nothing: unplaced events stay in
// their table until the next start places them.

export interface SequencerParts {
  /** Whether any event waits for a position. */
  waits(): Promise<boolean>
  /** Places one batch in one transaction; resolves with whether more events wait. */
  place(): Promise<boolean>
  /** Called after each batch. */
  placed(): void
  leadership: Leadership
}

/**
 * Leader election among several processes. The positions would be right without a leader, since placers wait for each
 * other; a leader saves them the wait. If the leader dies, its lease expires and another process leads.
 */
export interface Leadership {
  leads(): Promise<boolean>
}

/** For a database that one process writes. */
export const ALONE: Leadership = { leads: async () => true }

/** How long commits are gathered before they are placed, in ms. */
const GATHER_MS = 50
/** Pause before a retry after a failure, in ms: a full disk may have room by then. */
const AGAIN_MS = 1_000

export class Sequencer {
  readonly #parts: SequencerParts
  #timer: NodeJS.Timeout | null = null
  #passes: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(parts: SequencerParts) {
    this.#parts = parts
  }

  /** Announces a commit: schedules a pass. */
  wake(afterMs = GATHER_MS): void {
    if (this.#closed) return
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      // Recording does not depend on positions, so a failure here only delays them until the retry.
      this.settle().catch(() => this.wake(AGAIN_MS))
    }, afterMs)
  }

  /** Resolves once every event committed before the call has its position, if this process leads. */
  settle(): Promise<void> {
    const pass = this.#passes.then(() => this.#pass())
    this.#passes = pass.catch(() => {})
    return pass
  }

  /** Stops, after the pass under way has ended. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#passes
  }

  async #pass(): Promise<void> {
    const { leadership, waits, place, placed } = this.#parts
    if (!(await leadership.leads())) return
    if (!(await waits())) return
    for (let more = true; more;) {
      more = await place()
      placed()
    }
  }
}
