// Takes queued runs from the store, a few at a time, and walks each to its end. What it has taken it holds by a lease that
// it renews; a worker that dies, or is too slow to renew, loses its runs to whoever recovers them (recover-runs.ts), and
// the generation of its claim keeps it from changing them afterwards.
import { platformEvent } from '../domain/event.ts'
import type { Run } from '../domain/run.ts'
import type { Store } from '../store/types.ts'
import type { ClaimKey } from '../store/types.ts'
import type { RunnerParts } from './job.ts'
import { recoverRuns, type RecoverParts } from './recover-runs.ts'
import { cancelled, StopReason } from './stop-reason.ts'
import { walkRun } from './walk-run.ts'

/** A worker renews three times before its lease is over. */
const LEASE_MS = 30_000
const RENEW_MS = 10_000
/** How often it looks for what other processes have queued, cancelled or left behind. */
const POLL_MS = 2_000

interface Work {
  controller: AbortController
  done: Promise<void>
}

export interface WorkerOptions {
  parts: RunnerParts & RecoverParts & { store: Store }
  /** Names it in the record, such as `host:pid:random`. */
  name: string
  /** Runs at a time. */
  parallel: number
  /** A run whose end could not be recorded. */
  onFailure: (run: string, error: unknown) => void
}

export class Worker implements AsyncDisposable {
  readonly #options: WorkerOptions
  readonly #working = new Map<string, Work>()
  #timer: NodeJS.Timeout | null = null
  #filling: Promise<void> | null = null
  #again = false
  #stopped: StopReason | null = null

  constructor(options: WorkerOptions) {
    this.#options = options
  }

  /** Begins to take runs. Until then runs wait in the queue. */
  start(): void {
    this.#timer ??= setInterval(() => this.wake(), POLL_MS)
    this.wake()
  }

  /** Something was queued, cancelled or finished. Does nothing before start(). */
  wake(): void {
    if (this.#timer === null || this.#stopped !== null) return
    this.#again = true
    this.#filling ??= this.#fill().finally(() => (this.#filling = null))
  }

  /** Asks a run to stop that this worker has; false when it has not. */
  stop(run: string, reason: StopReason): boolean {
    const work = this.#working.get(run)
    work?.controller.abort(reason)
    return work !== undefined
  }

  /** Resolves when the run is over, at once when this worker does not have it. */
  async settled(run: string): Promise<void> {
    await this.#working.get(run)?.done
  }

  /** Takes no more runs, stops those that it has, and waits until every sandbox is gone. Queued runs stay queued. */
  async stopAll(reason: StopReason): Promise<void> {
    this.#stopped ??= reason
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.#filling
    for (const { controller } of this.#working.values()) controller.abort(reason)
    await Promise.all([...this.#working.values()].map(({ done }) => done))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopAll(new StopReason('cancelled', 'Glovebox was asked to stop'))
  }

  async #fill(): Promise<void> {
    const { parts, parallel, onFailure } = this.#options
    while (this.#again && this.#stopped === null) {
      this.#again = false
      try {
        await recoverRuns(parts, this.#options.name)
        await this.#stopCancelled()
        while (this.#working.size < parallel && this.#stopped === null) {
          const claimed = await this.#claim()
          if (claimed === null) break
          this.#walk(claimed.run, claimed.claim)
        }
      } catch (error) {
        onFailure('(queue)', error)
      }
    }
  }

  async #claim(): Promise<{ run: Run; claim: ClaimKey } | null> {
    const { parts, name: worker } = this.#options
    return parts.store.transact(async (tx) => {
      const now = parts.ids.now()
      const claimed = await tx.claims.claim(worker, now, LEASE_MS)
      if (claimed === null) return null
      const { run: queued, generation } = claimed
      const fields = { status: 'running' as const, startedAt: now }
      const run = await tx.runs.update(queued.id, fields, { expect: { status: ['queued'] } })
      await tx.record([platformEvent(run.id, 'run.claimed', { worker, generation, attempt: run.attempt })])
      return { run, claim: { run: run.id, generation } }
    })
  }

  #walk(run: Run, claim: ClaimKey): void {
    const { parts, onFailure } = this.#options
    const controller = new AbortController()
    const renewing = setInterval(() => void this.#renew(claim, controller), RENEW_MS)
    const done = walkRun(run, { ...parts, store: parts.store.underClaim(claim) }, controller.signal)
      .then(() => {})
      .catch((error: unknown) => onFailure(run.id, error))
      .finally(async () => {
        clearInterval(renewing)
        await this.#release(claim)
        this.#working.delete(run.id)
        this.wake()
      })
    this.#working.set(run.id, { controller, done })
  }

  /** A lease that is lost means that another may take the run for ended: nothing more may be done in its name. */
  async #renew(claim: ClaimKey, controller: AbortController): Promise<void> {
    const { parts } = this.#options
    try {
      await parts.store.transact((tx) => tx.claims.renew(claim, parts.ids.now(), LEASE_MS))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      controller.abort(new StopReason('error', `the lease on the run was lost: ${why}`))
    }
  }

  /** What was lost to another worker meanwhile is not ours to release. */
  async #release(claim: ClaimKey): Promise<void> {
    await this.#options.parts.store.transact((tx) => tx.claims.release(claim)).catch(() => {})
  }

  /** What another process was asked to cancel: it could only write that down. */
  async #stopCancelled(): Promise<void> {
    const { parts } = this.#options
    for (const [id, { controller }] of this.#working) {
      const run = await parts.store.runs.get(id)
      if (run !== null && run.cancelledBy !== null) controller.abort(cancelled(run.cancelledBy.id))
    }
  }
}
