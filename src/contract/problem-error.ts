// The error that the client throws for a problem.
import type { Problem, ProblemCode } from './problem.ts'

export class ProblemError extends Error {
  readonly code: ProblemCode
  readonly cure: string | undefined
  readonly details: readonly string[]
  constructor(problem: Problem) {
    super(problem.message)
    this.name = 'ProblemError'
    this.code = problem.code
    this.cure = problem.cure
    this.details = problem.details ?? []
  }
}
