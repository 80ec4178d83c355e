// Converts errors to `application/problem+json` responses.
import type { ZodError } from 'zod'
import { type Problem, PROBLEMS } from '../contract/problem.ts'
import { ProblemError } from '../contract/problem-error.ts'
import { ServiceError } from '../services/types.ts'

const MAX_DETAILS = 100

export function problemOf(error: unknown): Problem {
  if (error instanceof ServiceError || error instanceof ProblemError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.cure === undefined ? {} : { cure: error.cure }),
      ...(error.details.length === 0 ? {} : { details: error.details.slice(0, MAX_DETAILS) }),
    }
  }
  return { code: 'internal', message: `Glovebox failed: ${error instanceof Error ? error.message : String(error)}` }
}

/** The error for a request that does not fit the contract, naming its only issue or with one detail per issue. */
export function misfit(place: string, error: ZodError): ServiceError {
  const details = error.issues
    .slice(0, MAX_DETAILS)
    .map((issue) => `${[place, ...issue.path.map(String)].join('.')}: ${issue.message}`)
  const [only, ...more] = error.issues
  if (only !== undefined && only.path.length > 0 && more.length === 0)
    return new ServiceError('bad-input', `${only.path.map(String).join('.')} does not fit: ${only.message}`)
  return new ServiceError('bad-input', 'The request does not fit the contract', { details })
}

export function problemResponse(problem: Problem): Response {
  return new Response(`${JSON.stringify(problem)}\n`, {
    status: PROBLEMS[problem.code].status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  })
}
