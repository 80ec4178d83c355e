/** `unavailable`: this machine lacks what the row needs, so the row is skipped. */
export class BenchError extends Error {
  readonly code: 'unavailable' | 'usage' | 'busy' | 'failed'
  constructor(code: BenchError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BenchError'
    this.code = code
  }
}
