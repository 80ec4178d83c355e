// Questions that tests ask of what a guest reported.
import type { GuestReport } from '../../src/sandbox/types.ts'

type Started = Extract<GuestReport, { kind: 'process.started' }>
type Exited = Extract<GuestReport, { kind: 'process.exited' }>

export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}

export function started(
  reports: readonly GuestReport[],
): { pid: number; parent: number; origin: string; argv: string[]; executable: string; cwd: string }[] {
  return reports
    .filter((report): report is Started => report.kind === 'process.started')
    .map(({ pid, parent, origin, argv, executable, cwd }) => ({
      pid,
      parent,
      origin,
      argv: argv.map(text),
      executable: text(executable),
      cwd: text(cwd),
    }))
}

export function argvs(reports: readonly GuestReport[]): string[][] {
  return started(reports).map(({ argv }) => argv)
}

export function pidOf(reports: readonly GuestReport[], program: string): number {
  const found = started(reports).find(({ argv }) => argv[0] === program || argv[0]?.endsWith(`/${program}`))
  if (!found) throw new Error(`${program} is not among ${JSON.stringify(argvs(reports))}`)
  return found.pid
}

export function exitOf(reports: readonly GuestReport[], pid: number): Exited {
  const found = reports.find((report): report is Exited => report.kind === 'process.exited' && report.pid === pid)
  if (!found) throw new Error(`process ${pid} did not exit`)
  return found
}

export interface Files {
  read: string[]
  written: string[]
  created: string[]
  removed: string[]
  renamed: string[]
  attempted: string[]
  omitted: number
}

/** What a process (all, when not given) did below /workspace. */
export function files(reports: readonly GuestReport[], pid?: number): Files {
  const result: Files = { read: [], written: [], created: [], removed: [], renamed: [], attempted: [], omitted: 0 }
  for (const report of reports) {
    if (report.kind !== 'file.accessed' || (pid !== undefined && report.pid !== pid)) continue
    for (const list of ['read', 'written', 'created', 'removed', 'attempted'] as const) {
      result[list].push(...report[list].map(text).filter((path) => path.startsWith('/workspace')))
    }
    result.renamed.push(...report.renamed.map(({ from, to }) => `${text(from)} -> ${text(to)}`))
    result.omitted += report.omitted
  }
  for (const list of ['read', 'written', 'created', 'removed', 'renamed', 'attempted'] as const) result[list].sort()
  return result
}

/** Every process is started before anything is said of it, and nothing is said after its exit. */
export function isInOrder(reports: readonly GuestReport[]): boolean {
  const alive = new Set<number>()
  return (
    reports.every((report) => {
      if (report.kind === 'process.started') return alive.add(report.pid)
      return report.kind === 'process.exited' ? alive.delete(report.pid) : alive.has(report.pid)
    }) && alive.size === 0
  )
}
