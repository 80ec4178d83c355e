// Problems, the errors of the API: one table from code to HTTP status and to exit code of the command line.

/** Exit codes of the command line. */
export const EXIT = { done: 0, taskFailed: 1, badInput: 2, refused: 3, platformFailed: 4, interrupted: 130 } as const

export const PROBLEMS = {
  'bad-input': {
    status: 400,
    exit: EXIT.badInput,
    meaning: 'the request does not fit the contract, or has an invalid value',
  },
  unauthenticated: { status: 401, exit: EXIT.refused, meaning: 'the caller is not authenticated' },
  refused: { status: 403, exit: EXIT.refused, meaning: 'policy denies the request' },
  'not-found': { status: 404, exit: EXIT.badInput, meaning: 'the named resource does not exist' },
  removed: { status: 410, exit: EXIT.badInput, meaning: 'retention removed the contents' },
  ambiguous: { status: 409, exit: EXIT.badInput, meaning: 'the name matches several resources' },
  'wrong-state': { status: 409, exit: EXIT.badInput, meaning: 'the state of the resource does not allow the action' },
  'gate-closed': { status: 409, exit: EXIT.refused, meaning: 'a condition of the gate is not met' },
  conflict: {
    status: 409,
    exit: EXIT.refused,
    meaning: 'the forge refused the merge, or the configuration already defines this name',
  },
  'too-large': { status: 413, exit: EXIT.badInput, meaning: 'the request exceeds a limit' },
  'wrong-host': { status: 421, exit: EXIT.refused, meaning: 'the request is for another host name' },
  busy: { status: 503, exit: EXIT.platformFailed, meaning: 'another process holds the data folder' },
  unavailable: { status: 503, exit: EXIT.platformFailed, meaning: 'a requirement of Glovebox is missing' },
  internal: { status: 500, exit: EXIT.platformFailed, meaning: 'Glovebox failed' },
} as const satisfies Record<string, { status: number; exit: number; meaning: string }>

export type ProblemCode = keyof typeof PROBLEMS
export const PROBLEM_CODES = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]

/** The body of every error response, as problem-body.ts describes it. */
export interface Problem {
  code: ProblemCode
  message: string
  cure?: string | undefined
  details?: string[] | undefined
}
