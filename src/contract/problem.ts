// What goes wrong, as it crosses the wire: one table from code to HTTP status to exit code of the command line.
import { z } from 'zod'

/** Exit codes of the command line. */
export const EXIT = { done: 0, taskFailed: 1, badInput: 2, refused: 3, platformFailed: 4, interrupted: 130 } as const

export const PROBLEMS = {
  'bad-input': {
    status: 400,
    exit: EXIT.badInput,
    meaning: 'the request does not fit the contract, or names what can not be',
  },
  unauthenticated: { status: 401, exit: EXIT.refused, meaning: 'nobody is known to have asked' },
  refused: { status: 403, exit: EXIT.refused, meaning: 'policy denies it' },
  'not-found': { status: 404, exit: EXIT.badInput, meaning: 'there is no such thing' },
  ambiguous: { status: 409, exit: EXIT.badInput, meaning: 'several things are called so' },
  'wrong-state': { status: 409, exit: EXIT.badInput, meaning: 'its state does not allow that any more' },
  'gate-closed': { status: 409, exit: EXIT.refused, meaning: 'the gate still wants something' },
  conflict: {
    status: 409,
    exit: EXIT.refused,
    meaning: 'the forge does not take the merge, or the configuration already has that name',
  },
  'too-large': { status: 413, exit: EXIT.badInput, meaning: 'it is over a bound' },
  'wrong-host': { status: 421, exit: EXIT.refused, meaning: 'the request was meant for another host' },
  busy: { status: 503, exit: EXIT.platformFailed, meaning: 'another process holds the data folder' },
  unavailable: { status: 503, exit: EXIT.platformFailed, meaning: 'something that Glovebox needs is missing' },
  internal: { status: 500, exit: EXIT.platformFailed, meaning: 'Glovebox failed' },
} as const satisfies Record<string, { status: number; exit: number; meaning: string }>

export type ProblemCode = keyof typeof PROBLEMS
export const PROBLEM_CODES = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]

/** The body of every answer that is an error, as `application/problem+json`. */
export const Problem = z.object({
  code: z.enum(PROBLEM_CODES),
  message: z.string(),
  cure: z.string().optional().describe('what to do about it'),
  details: z.array(z.string()).optional().describe('one line each: every failed condition, every place in a file'),
})
export type Problem = z.infer<typeof Problem>
