// Exit codes for the ends of runs and for problems.
import { EXIT, PROBLEMS, type ProblemCode } from '../contract/problem.ts'
import type { RunStatus } from '../domain/events/fields.ts'

const BY_STATUS = {
  queued: EXIT.platformFailed,
  running: EXIT.platformFailed,
  succeeded: EXIT.done,
  failed: EXIT.taskFailed,
  cancelled: EXIT.interrupted,
  interrupted: EXIT.platformFailed,
  refused: EXIT.refused,
  invalid: EXIT.badInput,
  error: EXIT.platformFailed,
} as const satisfies Record<RunStatus, number>

export function exitCodeOfRun(status: RunStatus): number {
  return BY_STATUS[status]
}

export function exitCodeOfProblem(code: ProblemCode): number {
  return PROBLEMS[code].exit
}
