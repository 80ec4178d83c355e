/**
 * Tells whoever waits in this process that something was committed in this process. It is a hint and carries nothing:
 * who is woken reads the store. What another process commits is found by looking again after a while.
 */
export class WakeUps {
  readonly #listeners = new Map<string, Set<() => void>>()
  #closed = false

  /** `topic`: a run, INSTANCE or LOG. */
  listen(topic: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set()
    this.#listeners.set(topic, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(topic) === listeners) this.#listeners.delete(topic)
    }
  }

  wake(topics: Iterable<string>): void {
    for (const topic of new Set(topics)) for (const listener of this.#listeners.get(topic) ?? []) listener()
  }

  get closed(): boolean {
    return this.#closed
  }

  close(): void {
    this.#closed = true
    this.wake(this.#listeners.keys())
  }
}

/** The topic of the instance's log. No run has such an id. */
export const LOG = 'log'

/** After so many ms somebody who waits looks for what other processes committed. */
const LOOK_AGAIN_MS = 1_000

/** Remembers one ring, so that a ring while nobody waits is not missed. */
export class Bell implements Disposable {
  readonly #signal: AbortSignal
  readonly #silence: () => void
  #pending = false
  #wake: (() => void) | null = null

  /** Rings when the topic is woken and when the signal aborts. */
  constructor(wakeUps: WakeUps, topic: string, signal: AbortSignal) {
    this.#signal = signal
    this.#silence = wakeUps.listen(topic, this.#ring)
    signal.addEventListener('abort', this.#ring)
  }

  readonly #ring = (): void => {
    this.#pending = true
    this.#wake?.()
  }

  /** Resolves when it has rung since the last call, and otherwise after a while. */
  async rung(): Promise<void> {
    if (!this.#pending && !this.#signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      const timer = setTimeout(resolve, LOOK_AGAIN_MS)
      await promise
      clearTimeout(timer)
    }
    this.#pending = false
    this.#wake = null
  }

  [Symbol.dispose](): void {
    this.#silence()
    this.#signal.removeEventListener('abort', this.#ring)
  }
}
