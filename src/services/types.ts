// Interface between use cases and their callers. Every use case authorises first (authorise.ts).
import type { Services } from '../contract/call.ts'
import type { ProblemCode } from '../contract/problem.ts'

/** Error of a use case, for a person or a program. `details` are whole lines. */
export class ServiceError extends Error {
  readonly code: ProblemCode
  readonly cure: string | undefined
  readonly details: readonly string[]
  constructor(
    code: ProblemCode,
    message: string,
    more: { cure?: string; details?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause })
    this.name = 'ServiceError'
    this.code = code
    this.cure = more.cure
    this.details = more.details ?? []
  }
}

export interface OpenContextOptions {
  /** Absolute. Made when there is none; one that Glovebox did not make is a DataFolderError (src/data-folder). */
  dataFolder: string
  /** Whether this process executes runs; otherwise they wait in the queue for a process that does. */
  work: boolean
  /** Aborting it ends all running runs: as cancelled, or as failed if the reason is an error. */
  signal?: AbortSignal
}

/**
 * The running parts, as src/context.ts makes them: `openContext(options: OpenContextOptions): Promise<Context>`. It
 * holds the data folder, and rejects with ServiceError `busy` when another process does. Disposing of it cancels the
 * runs that still work, waits for them and for their sandboxes, and releases the folder.
 */
export interface Context extends AsyncDisposable {
  readonly services: Services
  readonly dataFolder: string
  /** Runs that this process executes, or that wait in the queue. */
  unended(): Promise<readonly string[]>
}

export type OpenContext = (options: OpenContextOptions) => Promise<Context>
