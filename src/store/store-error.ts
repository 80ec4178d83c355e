/** Errors of the store; failures to record events are RecordErrors. */
export class StoreError extends Error {
  readonly code:
    | 'insecure-folder'
    | 'newer-schema'
    | 'not-found'
    /** The record exists already, or its state is not the one that the caller expected. */
    | 'conflict'
    /** The generation of a claim or lease is out of date: another worker or process has it now. */
    | 'fenced'
    | 'invalid'
    | 'bad-cursor'
    | 'corrupt'
    | 'inside-transaction'
    | 'transaction-over'
    | 'closed'
    | 'bad-digest'
    | 'too-large'
    | 'blob-altered'
    | 'writer-over'
  constructor(code: StoreError['code'], message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'StoreError'
    this.code = code
  }
}

/** The reason why an update matched no row. `current`: the record as it is now; null if it does not exist. */
export function notAsExpected(
  what: string,
  id: string,
  current: object | null,
  expected: Record<string, unknown>,
): StoreError {
  if (current === null) return new StoreError('not-found', `there is no ${what} ${id}`)
  const values = current as Record<string, unknown>
  const unmet = Object.keys(expected).map((field) => `${field} is ${JSON.stringify(values[field])}`)
  return new StoreError('conflict', `${what} ${id} is not as expected: ${unmet.join(', ')}`)
}
