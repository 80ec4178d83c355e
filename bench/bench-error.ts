/** Error of a benchmark. `unavailable`: this machine lacks something that the row needs, so the row is skipped. */
export class BenchError extends Error {
  readonly code: 'unavailable' | 'usage' | 'busy' | 'failed'
  constructor(code: BenchError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BenchError'
    this.code = code
  }
}
