/** Error of a request that can't be planned: it names something that does not exist or does not fit. */
export class PlanError extends Error {
  readonly code = 'bad-request'
  readonly cure: string | null
  constructor(message: string, cure: string | null = null) {
    super(message)
    this.name = 'PlanError'
    this.cure = cure
  }
}
