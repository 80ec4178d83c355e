// Which errors of the first stage are the request's own: it names what does not exist or does not fit together.
import { AdvisoryError } from '../../advisories/types.ts'
import { TaskError } from '../../domain/task/parse-task.ts'
import { InputError } from '../../domain/task/plan-steps.ts'
import { ForgeError } from '../../forges/types.ts'
import { isGitError } from '../../git/git-error.ts'
import { PlanError } from './plan-error.ts'

/** What is wrong with the request, with the cure where one is known; null when the error says nothing about it. */
export function whyInvalid(error: unknown): string | null {
  if (error instanceof PlanError) return error.cure === null ? error.message : `${error.message}; ${error.cure}`
  const known =
    error instanceof InputError ||
    error instanceof AdvisoryError ||
    error instanceof TaskError ||
    (error instanceof ForgeError && error.code !== 'unreachable') ||
    isGitError(error, 'unknown-ref', 'empty-repository', 'not-a-repository')
  return known ? (error as Error).message : null
}
