/** What can go wrong in the store besides recording (RecordError). */
export class StoreError extends Error {
  readonly code:
    | 'insecure-folder'
    | 'newer-schema'
    | 'not-found'
    | 'invalid'
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
