import { parseArgs } from 'node:util'

export interface Options {
  json: boolean
  help: boolean
  only: RegExp
  seconds: number
  seed: number
  /** A file with one input to run, instead of fuzzing. */
  input: string | null
}

export class UsageError extends Error {}

export const USAGE = `usage: npm run fuzz -- [--seconds N] [--only PATTERN] [--seed N] [--json] [--input FILE]

  --seconds N      time for each target, default 20
  --only PATTERN   the targets whose names match this regular expression, e.g. '^guest/'
  --seed N         where the random numbers begin; chosen and printed when it is not given
  --input FILE     runs this one input on the target that --only names
  --json           one JSON object on standard output (npm run --silent keeps npm's own lines away)
`

export function readOptions(args: string[]): Options {
  const { json, help, only, seconds, seed, input } = parsed(args)
  return {
    json,
    help,
    only: pattern(only),
    seconds: wholeNumber('--seconds', seconds, 86_400),
    seed: seed === undefined ? 1 + Math.floor(Math.random() * 1e9) : wholeNumber('--seed', seed, 0xffff_ffff),
    input: input ?? null,
  }
}

function wholeNumber(name: string, text: string, most: number): number {
  const value = Number(text)
  if (!/^\d{1,10}$/.test(text) || value === 0 || value > most)
    throw new UsageError(`${name} can't be ${text}; it must be a whole number from 1 to ${most}`)
  return value
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch {
    throw new UsageError(`--only is not a regular expression: ${text}`)
  }
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
        seconds: { type: 'string', default: '20' },
        seed: { type: 'string' },
        input: { type: 'string' },
      },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
