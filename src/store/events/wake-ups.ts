/** Tells followers that something was committed to a run's record. It carries no events: followers read the store. */
export class WakeUps {
  readonly #listeners = new Map<string, Set<() => void>>()
  #closed = false

  listen(run: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(run) ?? new Set()
    this.#listeners.set(run, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(run) === listeners) this.#listeners.delete(run)
    }
  }

  wake(runs: Iterable<string>): void {
    for (const run of new Set(runs)) for (const listener of this.#listeners.get(run) ?? []) listener()
  }

  get closed(): boolean {
    return this.#closed
  }

  close(): void {
    this.#closed = true
    this.wake(this.#listeners.keys())
  }
}
