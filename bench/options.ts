import { parseArgs } from 'node:util'
import { BenchError } from './bench-error.ts'

export interface Options {
  json: boolean
  help: boolean
  only: RegExp
  pairs: number
}

export const USAGE = `usage: npm run bench -- [--json] [--only PATTERN] [--n N]

  --json           one JSON object on standard output (npm run --silent keeps npm's own lines away)
  --only PATTERN   the rows whose names match this regular expression, e.g. record/
  --n N            pairs per row, default 5; short work is measured more often
`

export function readOptions(args: string[]): Options {
  const { json, help, only, n } = parsed(args)
  const pairs = Number(n)
  if (!/^\d{1,4}$/.test(n) || pairs === 0)
    throw new BenchError('usage', `--n can't be ${n}; it must be a whole number from 1`)
  try {
    return { json, help, only: new RegExp(only), pairs }
  } catch {
    throw new BenchError('usage', `--only is not a regular expression: ${only}`)
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
        n: { type: 'string', default: '5' },
      },
    }).values
  } catch (error) {
    throw new BenchError('usage', error instanceof Error ? error.message : String(error))
  }
}
