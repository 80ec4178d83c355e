// The worker: takes a few queued runs at a time from the store and executes each to its end. It holds each run by a
// lease that it renews. A worker that dies or renews too late loses its runs to recovery (recover-runs.ts). The
// generation of its claim (a fencing token) then keeps it from changing them.
import { platformEvent } from '../domain/event.ts'
import type { Run } from '../domain/run.ts'
import type { Store } from '../store/types.ts'
import type { ClaimKey } from '../store/types.ts'
import type { RunnerParts } from './job.ts'
import { recoverRuns, type RecoverParts } from './recover-runs.ts'
import { cancelled, StopReason } from './stop-reason.ts'
import { walkRun } from './walk-run.ts'

/** A worker tries to renew three times before its lease expires. */
const LEASE_MS = 30_000
const RENEW_MS = 10_000
/** Interval of checks for runs that other processes have queued, cancelled or left behind. */
const POLL_MS = 2_000

interface Work {
  controller: AbortController
  done: Promise<void>
}

export interface WorkerOptions {
  parts: RunnerParts & RecoverParts & { store: Store }
  /** Name of the worker in the record, such as `host:pid:random`. */
  name: string
  /** Most concurrent runs. */
  parallel: number
  /** Called for a run whose end could not be recorded. */
  onFailure: (run: string, error: unknown) => void
}

export class Worker implements AsyncDisposable {
  readonly #options: WorkerOptions
  readonly #working = new Map<string, Work>()
  #timer: NodeJS.Timeout | null = null
  #filling: Promise<void> | null = null
  #again = false
  #stopped: StopReason | null = null
  /** Runs whose end could not be recorded, with the error, until recovery ends them. */
  readonly #unrecorded = new Map<string, unknown>()
  readonly #listeners = new Map<string, Set<(error: unknown) => void>>()
  /** What the last look at the queue failed with, so that a full disk is not reported at each look. */
  #queueFailure: string | null = null

  constructor(options: WorkerOptions) {
    this.#options = options
  }

  /** Starts to take runs. Until then they wait in the queue. */
  start(): void {
    this.#timer ??= setInterval(() => this.wake(), POLL_MS)
    this.wake()
  }

  /** Call it when a run was queued, cancelled or finished. Does nothing before start(). */
  wake(): void {
    if (this.#timer === null || this.#stopped !== null) return
    this.#again = true
    this.#filling ??= this.#fill().finally(() => (this.#filling = null))
  }

  /** Asks a run of this worker to stop; returns false if this worker does not have it. */
  stop(run: string, reason: StopReason): boolean {
    const work = this.#working.get(run)
    work?.controller.abort(reason)
    return work !== undefined
  }

  /** The runs that this worker executes, without those whose end it could not record. */
  get atWork(): readonly string[] {
    return [...this.#working.keys()].filter((run) => !this.#unrecorded.has(run))
  }

  /**
   * Calls the listener when this worker has given up to record the end of the run, or at once if it already has. Such a
   * run has no last event to wait for. Returns a function that removes the listener.
   */
  whenUnrecorded(run: string, listener: (error: unknown) => void): () => void {
    if (this.#unrecorded.has(run)) listener(this.#unrecorded.get(run))
    const listeners = this.#listeners.get(run) ?? new Set()
    this.#listeners.set(run, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(run)
    }
  }

  /** Resolves when the run is over, or at once if this worker does not have it. */
  async settled(run: string): Promise<void> {
    await this.#working.get(run)?.done
  }

  /** Takes no more runs, stops its own, and waits until every sandbox has ended. Queued runs stay queued. */
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
        for (const { id } of await recoverRuns(parts, this.#options.name)) this.#unrecorded.delete(id)
        await this.#stopCancelled()
        while (this.#working.size < parallel && this.#stopped === null) {
          const claimed = await this.#claim()
          if (claimed === null) break
          this.#walk(claimed.run, claimed.claim)
        }
        this.#queueFailure = null
      } catch (error) {
        const text = String(error)
        if (text !== this.#queueFailure) onFailure('(queue)', error)
        this.#queueFailure = text
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
    const lost = (error: unknown): void => {
      const why = error instanceof Error ? error.message : String(error)
      controller.abort(new StopReason('error', `the lease on the run was lost: ${why}`))
    }
    const renewing = setInterval(() => void this.#renew(claim).catch(lost), RENEW_MS)
    const done = walkRun(run, { ...parts, store: parts.store.underClaim(claim) }, controller.signal)
      .then(() => {})
      .catch((error: unknown) => {
        this.#unrecorded.set(run.id, error)
        for (const listener of this.#listeners.get(run.id) ?? []) listener(error)
        onFailure(run.id, error)
      })
      .finally(async () => {
        clearInterval(renewing)
        await this.#release(claim)
        this.#working.delete(run.id)
        this.wake()
      })
    this.#working.set(run.id, { controller, done })
  }

  /** Renews a lease; rejects when it is lost. Then another worker may treat the run as ended, so this one must stop it. */
  #renew(claim: ClaimKey): Promise<void> {
    const { parts } = this.#options
    return parts.store.transact((tx) => tx.claims.renew(claim, parts.ids.now(), LEASE_MS))
  }

  /** Releases a claim, unless another worker has taken it meanwhile. */
  async #release(claim: ClaimKey): Promise<void> {
    await this.#options.parts.store.transact((tx) => tx.claims.release(claim)).catch(() => {})
  }

  /** Stops runs whose cancellation another process has written to the store. */
  async #stopCancelled(): Promise<void> {
    const { parts } = this.#options
    for (const [id, { controller }] of this.#working) {
      const run = await parts.store.runs.get(id)
      if (run !== null && run.cancelledBy !== null) controller.abort(cancelled(run.cancelledBy.id))
    }
  }
}
