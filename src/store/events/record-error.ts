import { StoreError } from '../store-error.ts'

/**
 * The reason why an event was not recorded. The caller must then refuse the request that it was about to answer
 * (invariant 3).
 */
export class RecordError extends Error {
  readonly code:
    | 'unknown-kind'
    | 'invalid'
    | 'not-canonical'
    | 'too-large'
    /** Called inside transact() without its tx, which would deadlock. */
    | 'inside-transaction'
    | 'overloaded'
    | 'closed'
    /** The database refused or failed; nothing of the call was written. */
    | 'not-written'
  constructor(code: RecordError['code'], message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'RecordError'
    this.code = code
  }
}

/** Rethrows any error of writing events as RecordError `not-written`. RecordErrors and `fenced` pass unchanged. */
export function refuse(error: unknown): never {
  if (error instanceof RecordError) throw error
  if (error instanceof StoreError && error.code === 'fenced') throw error
  throw new RecordError(
    'not-written',
    `nothing was recorded: ${error instanceof Error ? error.message : String(error)}`,
    error,
  )
}
