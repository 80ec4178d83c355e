// What an agent did without announcing it. Agents start programs of their own accord, and read what tells them where they
// are; each that is known of an agent is listed for it, and whatever else turns up is a finding.
import type { SaidDidStep } from '../../src/domain/said-did/types.ts'

export interface OwnDoings {
  /** Programs, by their arguments joined by spaces. */
  programs: readonly RegExp[]
  /** Programs that are so themselves, and all that they start. */
  trees: readonly RegExp[]
  /** What its own process does, such as `read /path`. */
  paths: readonly RegExp[]
  requests: readonly RegExp[]
}

export const NOTHING: OwnDoings = { programs: [], trees: [], paths: [], requests: [] }

/** One line for each row that neither a call nor the list accounts for. Ties are such rows, too. */
export function unexplained(step: SaidDidStep, own: OwnDoings): string[] {
  const parents = new Map(step.processes.map(({ pid, parent }) => [pid, parent]))
  const roots = new Set(step.processes.filter((row) => matches(own.trees, lineOf(row))).map(({ pid }) => pid))
  // A process may be recorded after those that it started.
  const inTree = (pid: number | undefined): boolean => pid !== undefined && (roots.has(pid) || inTree(parents.get(pid)))
  const known = new Set<number>()
  const found: string[] = []
  for (const row of step.processes) {
    const { pid, by } = row
    const line = lineOf(row)
    if ((by.class !== 'unannounced' && by.class !== 'tie') || inTree(pid)) continue
    if (matches(own.programs, line)) known.add(pid)
    else found.push(`${by.class} ${by.rule}: ${line.slice(0, 300)}`)
  }
  for (const { pid, accesses, by } of step.files) {
    if (by.class !== 'unannounced' && by.class !== 'tie') continue
    if (by.rule === 'process' && (inTree(pid) || known.has(pid))) continue
    for (const { kind, path } of accesses)
      if (!matches(own.paths, `${kind} ${String(path)}`))
        found.push(`${by.class} ${by.rule}: [${pid}] ${kind} ${String(path)}`)
  }
  for (const { what, by } of step.requests)
    if ((by.class === 'unannounced' || by.class === 'tie') && !matches(own.requests, what))
      found.push(`${by.class} ${by.rule}: ${what}`)
  return found
}

function lineOf({ argv }: SaidDidStep['processes'][number]): string {
  return argv.map((word) => (typeof word === 'string' ? word : word.base64)).join(' ')
}

function matches(patterns: readonly RegExp[], text: string): boolean {
  return patterns.some((pattern) => pattern.test(text))
}
