/** Why what was asked for can't be planned: it names what does not exist, or what does not fit together. */
export class PlanError extends Error {
  readonly code = 'bad-request'
  readonly cure: string | null
  constructor(message: string, cure: string | null = null) {
    super(message)
    this.name = 'PlanError'
    this.cure = cure
  }
}
