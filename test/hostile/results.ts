// Results of each attempt, as the last run with UPDATE_HOSTILE_RESULTS wrote them. The table in
// docs/threat-model.md is made from it, and every other run of the battery is compared with it.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Attempt } from './attempt.ts'

/** Attempt to kind of sandbox to `stopped` or `not stopped: reason`. */
export type Results = Record<string, Record<string, string>>

const FILE = join(import.meta.dirname, 'results.json')

/** Two test processes could write at once: run with `--no-file-parallelism`. */
export const UPDATE_VARIABLE = 'UPDATE_HOSTILE_RESULTS'

export function isUpdating(): boolean {
  return process.env[UPDATE_VARIABLE] === '1'
}

export function readResults(): Results {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Results) : {}
}

/** `verify` did not throw: either the attempt was stopped, or it gained exactly what it claims. */
export function resultOf(attempt: Attempt, kind: string): string {
  const reason = attempt.notStopped?.[kind]
  return reason === undefined ? 'stopped' : `not stopped: ${reason}`
}

export function addResult(attempt: Attempt, kind: string): void {
  const results = readResults()
  results[attempt.id] = { ...results[attempt.id], [kind]: resultOf(attempt, kind) }
  writeFileSync(`${FILE}.new`, `${JSON.stringify(sorted(results), null, 2)}\n`)
  renameSync(`${FILE}.new`, FILE)
}

function sorted(results: Results): Results {
  const byName = <T>(record: Record<string, T>) => Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(byName(results).map(([id, kinds]) => [id, Object.fromEntries(byName(kinds))]))
}
