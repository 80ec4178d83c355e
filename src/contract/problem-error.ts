// The error that the client throws for a problem.
import { type Problem as ProblemBody, Problem, type ProblemCode } from './problem.ts'

export class ProblemError extends Error {
  readonly code: ProblemCode
  readonly cure: string | undefined
  readonly details: readonly string[]
  constructor(problem: ProblemBody) {
    super(problem.message)
    this.name = 'ProblemError'
    this.code = problem.code
    this.cure = problem.cure
    this.details = problem.details ?? []
  }
}

/** Reads a response with an error status. If it is not a problem document, the code is `internal`. */
export async function decodeProblem(response: Response): Promise<ProblemError> {
  try {
    return new ProblemError(Problem.parse(await response.json()))
  } catch {
    return new ProblemError({ code: 'internal', message: `The server answered ${response.status} without saying why` })
  }
}
