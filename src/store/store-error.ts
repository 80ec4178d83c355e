/** What can go wrong in the store besides recording (RecordError). */
export class StoreError extends Error {
  readonly code:
    | 'insecure-folder'
    | 'newer-schema'
    | 'not-found'
    /** There is one already, or it is not as the caller expected. */
    | 'conflict'
    /** The claim is not the current one: another worker has the run. */
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

/** Why an update met no row. `current`: the record as it is; null when there is none. */
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
