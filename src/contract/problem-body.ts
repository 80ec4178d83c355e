// The body of every error response, as `application/problem+json`.
import { z } from 'zod'
import { PROBLEM_CODES, type Problem } from './problem.ts'
import { ProblemError } from './problem-error.ts'

export const ProblemBody = z.object({
  code: z.enum(PROBLEM_CODES),
  message: z.string(),
  cure: z.string().optional().describe('what to do about it'),
  details: z.array(z.string()).optional().describe('one line each: every failed condition, every place in a file'),
}) satisfies z.ZodType<Problem>

/** Reads a response with an error status. If it is not a problem document, the code is `internal`. */
export async function decodeProblem(response: { status: number; json(): Promise<unknown> }): Promise<ProblemError> {
  try {
    return new ProblemError(ProblemBody.parse(await response.json()))
  } catch {
    return new ProblemError({ code: 'internal', message: `The server answered ${response.status} without saying why` })
  }
}
