// Errors that the requester caused: the request names something that does not exist or does not fit.
import { AdvisoryError } from '../../advisories/types.ts'
import { TaskError } from '../../domain/task/parse-task.ts'
import { InputError } from '../../domain/task/plan-steps.ts'
import { ForgeError } from '../../forges/types.ts'
import { isGitError } from '../../git/git-error.ts'
import { PlanError } from './plan-error.ts'

/**
 * Says what is wrong with the request, and the cure if known. Returns null for an error that the request did not cause.
 */
export function whyInvalid(error: unknown): string | null {
  if (error instanceof PlanError) return error.cure === null ? error.message : `${error.message}; ${error.cure}`
  const known =
    error instanceof InputError ||
    error instanceof AdvisoryError ||
    error instanceof TaskError ||
    (error instanceof ForgeError && error.code !== 'unreachable') ||
    isGitError(error, 'unknown-ref', 'empty-repository', 'not-a-repository', 'incomplete')
  return known ? (error as Error).message : null
}
