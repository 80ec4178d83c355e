// Gives events their positions in the log of the instance, soon after they were committed and many at a time: a
// transaction for each would cost as much as recording does. A crash before that loses nothing, as what is not placed
// waits in its table until somebody places it.

export interface SequencerParts {
  /** Whether anything waits for a position. */
  waits(): Promise<boolean>
  /** Places a portion in one transaction; resolves with whether more waits. */
  place(): Promise<boolean>
  /** Something was placed. */
  placed(): void
  leadership: Leadership
}

/**
 * Who of several processes gives positions. They would be right if all did, as each waits for the others; one that leads
 * spares them the wait. A lease makes another one lead when it is gone.
 */
export interface Leadership {
  leads(): Promise<boolean>
}

/** For a database that one process writes. */
export const ALONE: Leadership = { leads: async () => true }

/** For so many ms commits are gathered before they are placed. */
const GATHER_MS = 50
/** So many ms after a failure it is tried again: a disk may have room by then. */
const AGAIN_MS = 1_000

export class Sequencer {
  readonly #parts: SequencerParts
  #timer: NodeJS.Timeout | null = null
  #passes: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(parts: SequencerParts) {
    this.#parts = parts
  }

  /** Something was committed. */
  wake(afterMs = GATHER_MS): void {
    if (this.#closed) return
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      // Whoever waits for a position sees that it does not come; recording does not depend on it.
      this.settle().catch(() => this.wake(AGAIN_MS))
    }, afterMs)
  }

  /** Resolves once all that was committed before the call has its position, if this process leads. */
  settle(): Promise<void> {
    const pass = this.#passes.then(() => this.#pass())
    this.#passes = pass.catch(() => {})
    return pass
  }

  /** Lets what is under way end. */
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
