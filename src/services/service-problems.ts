// Translation of errors from the rooms below into ServiceErrors for people and programs.
import { AdvisoryError } from '../advisories/types.ts'
import { ConnectionError, CredentialError } from '../credentials/types.ts'
import { TaskError } from '../domain/task/parse-task.ts'
import { InputError } from '../domain/task/plan-steps.ts'
import { ForgeError } from '../forges/types.ts'
import { isGitError } from '../git/git-error.ts'
import type { ProblemCode } from '../contract/problem.ts'
import { PlanError } from '../runner/plan/plan-error.ts'
import { StoreError } from '../store/types.ts'
import { ServiceError } from './types.ts'

const FORGE_CONFLICTS: readonly ForgeError['code'][] = ['moved', 'conflict', 'checked-out', 'refused']

const CREDENTIAL_PROBLEMS: Record<CredentialError['code'], ProblemCode> = {
  'not-found': 'not-found',
  'no-master-key': 'unavailable',
  'wrong-master-key': 'unavailable',
  'bad-master-key': 'unavailable',
  'unsafe-file': 'unavailable',
  'bad-secret': 'bad-input',
  altered: 'unavailable',
  'same-master-key': 'wrong-state',
  'source-failed': 'unavailable',
}

const CONNECTION_PROBLEMS: Record<ConnectionError['code'], ProblemCode> = {
  'not-found': 'not-found',
  'in-file': 'conflict',
  'outside-source': 'bad-input',
  'keeps-credential': 'wrong-state',
  'credential-taken': 'conflict',
}

/** Store errors that callers can cause. Any other store error is a fault of Glovebox. */
const STORE_PROBLEMS: Partial<Record<StoreError['code'], ProblemCode>> = {
  conflict: 'conflict',
  'not-found': 'not-found',
  'bad-cursor': 'bad-input',
  corrupt: 'unavailable',
}

/** Returns unknown errors unchanged; they become internal errors at the edge. */
export function serviceProblem(error: unknown): unknown {
  if (error instanceof CredentialError) return withCure(CREDENTIAL_PROBLEMS[error.code], error)
  if (error instanceof ConnectionError) return withCure(CONNECTION_PROBLEMS[error.code], error)
  if (error instanceof ForgeError) {
    return new ServiceError(FORGE_CONFLICTS.includes(error.code) ? 'conflict' : 'bad-input', error.message, {
      cause: error,
    })
  }
  if (isGitError(error, 'unknown-ref', 'empty-repository', 'not-a-repository', 'incomplete'))
    return new ServiceError('bad-input', error.message, { cause: error })
  if (isGitError(error, 'conflict', 'rejected')) return new ServiceError('conflict', error.message, { cause: error })
  if (error instanceof StoreError && Object.hasOwn(STORE_PROBLEMS, error.code))
    return new ServiceError(STORE_PROBLEMS[error.code] ?? 'internal', error.message, { cause: error })
  if (error instanceof PlanError) return withCure('bad-input', error)
  if (error instanceof InputError || error instanceof AdvisoryError)
    return new ServiceError('bad-input', error.message, { cause: error })
  if (error instanceof TaskError)
    return new ServiceError('bad-input', error.message.split('\n')[0] ?? 'the task file is not valid', {
      details: error.message.split('\n'),
      cause: error,
    })
  return error
}

function withCure(code: ProblemCode, error: Error & { cure: string | null }): ServiceError {
  return new ServiceError(code, error.message, { ...(error.cure === null ? {} : { cure: error.cure }), cause: error })
}
