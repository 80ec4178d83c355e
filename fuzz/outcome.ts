import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
export const FOUND_FOLDER = join(ROOT, 'build/fuzz')

/** Result of one target. */
export interface Outcome {
  target: string
  executions: number
  executionsPerSecond: number
  kept: number
  /** TypeScript: share of the code's characters. C: edges that libFuzzer counts. */
  coverage: string
  /** null: all properties held. */
  finding: Finding | null
}

export interface Finding {
  why: string
  file: string
  reproduce: string
}

export function keepInput(target: string, input: Uint8Array, why: string): Finding {
  mkdirSync(FOUND_FOLDER, { recursive: true })
  const digest = createHash('sha256').update(input).digest('hex').slice(0, 12)
  const file = join(FOUND_FOLDER, `${target.replace('/', '-')}-${digest}`)
  writeFileSync(file, input)
  return findingIn(target, file, why)
}

export function findingIn(target: string, path: string, why: string): Finding {
  const file = relative(ROOT, path)
  return { why, file, reproduce: `npm run fuzz -- --only '^${target}$' --input ${file}` }
}
