/**
 * Wakes waiters of this process after a commit of this process. A wake-up is only a hint without data: the waiter then
 * reads the store. Commits of other processes are found by polling (LOOK_AGAIN_MS).
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

/** The topic of the instance's log. No run id looks like this. */
export const LOG = 'log'

/** Polling interval for commits of other processes, in ms. */
const LOOK_AGAIN_MS = 1_000

/** A waiter for one topic. It remembers one ring, so that a ring while nobody waits is not missed. */
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

  /** Resolves once the bell has rung since the last call, or after LOOK_AGAIN_MS. */
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
