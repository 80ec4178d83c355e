// The runs that this process executes: a few at a time, the rest wait in order.
import { runCan } from '../../domain/run.ts'
import type { Job, RunnerParts } from '../../runner/job.ts'
import { platformEvent } from '../../domain/event.ts'
import { stopReason } from '../../runner/stop-reason.ts'
import type { StopReason } from '../../runner/stop-reason.ts'
import { walkRun } from '../../runner/walk-run.ts'

interface Entry {
  job: Job
  parts: RunnerParts
  controller: AbortController
  done: PromiseWithResolvers<void>
}

export class ActiveRuns implements AsyncDisposable {
  readonly #entries = new Map<string, Entry>()
  readonly #waiting: Entry[] = []
  readonly #parallel: number
  readonly #onFailure: (run: string, error: unknown) => void
  #working = 0

  constructor(options: { parallel: number; onFailure: (run: string, error: unknown) => void }) {
    this.#parallel = options.parallel
    this.#onFailure = options.onFailure
  }

  start(job: Job, parts: RunnerParts): void {
    const entry: Entry = { job, parts, controller: new AbortController(), done: Promise.withResolvers() }
    this.#entries.set(job.run.id, entry)
    this.#waiting.push(entry)
    this.#next()
  }

  /** false when this process does not execute it. */
  stop(run: string, reason: StopReason): boolean {
    const entry = this.#entries.get(run)
    entry?.controller.abort(reason)
    return entry !== undefined
  }

  async settled(run: string): Promise<void> {
    await this.#entries.get(run)?.done.promise
  }

  /** Stops all of them and waits until every sandbox is gone. */
  async stopAll(reason: StopReason): Promise<void> {
    const entries = [...this.#entries.values()]
    for (const entry of entries) entry.controller.abort(reason)
    await Promise.all(entries.map((entry) => entry.done.promise))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#entries.values()].map((entry) => entry.done.promise))
  }

  #next(): void {
    if (this.#working >= this.#parallel) return
    const entry = this.#waiting.shift()
    if (!entry) return
    this.#working += 1
    void this.#walk(entry)
  }

  async #walk({ job, parts, controller, done }: Entry): Promise<void> {
    try {
      if (controller.signal.aborted) await finishUnstarted(job, parts, stopReason(controller.signal))
      else await walkRun(job, parts, controller.signal)
    } catch (error) {
      this.#onFailure(job.run.id, error)
    } finally {
      this.#entries.delete(job.run.id)
      this.#working -= 1
      done.resolve()
      this.#next()
    }
  }
}

async function finishUnstarted(job: Job, parts: RunnerParts, reason: StopReason): Promise<void> {
  await parts.store.transact(async (tx) => {
    const run = await tx.runs.get(job.run.id)
    if (!run || !runCan('cancel', run.status)) return
    await tx.runs.update(run.id, { status: reason.status, reason: reason.message, finishedAt: parts.ids.now() })
    await tx.record([
      platformEvent(run.id, 'run.finished', { status: reason.status, reason: reason.message, wallMs: 0 }),
    ])
  })
}
