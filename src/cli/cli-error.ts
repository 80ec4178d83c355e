// Error of the command line itself about its arguments.
export class UsageError extends Error {
  readonly cure: string | undefined
  constructor(message: string, cure?: string) {
    super(message)
    this.name = 'UsageError'
    this.cure = cure
  }
}
