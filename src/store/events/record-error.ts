import { StoreError } from '../store-error.ts'

/** Why an event is not on the record. Whoever gets one must refuse what it was about to answer (invariant 3). */
export class RecordError extends Error {
  readonly code:
    | 'unknown-kind'
    | 'invalid'
    | 'not-canonical'
    | 'too-large'
    /** Called inside transact() without its tx: it would wait for itself. */
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

/** Names whatever went wrong while events were written as the record's refusal. That a claim was lost stays what it is. */
export function refuse(error: unknown): never {
  if (error instanceof RecordError) throw error
  if (error instanceof StoreError && error.code === 'fenced') throw error
  throw new RecordError(
    'not-written',
    `nothing was recorded: ${error instanceof Error ? error.message : String(error)}`,
    error,
  )
}
