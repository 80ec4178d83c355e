// A problem as the client throws it.
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

/** From an answer whose status is an error. What is no problem document becomes `internal`, with what is known. */
export async function decodeProblem(response: Response): Promise<ProblemError> {
  try {
    return new ProblemError(Problem.parse(await response.json()))
  } catch {
    return new ProblemError({ code: 'internal', message: `The server answered ${response.status} without saying why` })
  }
}
