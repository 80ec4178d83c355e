// Runs one workload with the guest and under strace, and compares the results.
import { FILE_LISTS } from './account.ts'
import type { FileList } from './account.ts'
import { compare } from './compare.ts'
import type { Difference } from './compare.ts'
import type { Ground } from './ground.ts'
import { recordIt } from './record-it.ts'
import { NumberTakenAgain } from './replay-strace.ts'
import { witnessIt } from './witness-it.ts'
import type { Witnessed } from './witness-it.ts'
import type { Workload } from './workload.ts'

export interface Measured {
  workload: string
  /** Pairs: the guest's count and strace's count. */
  counts: Record<'programs' | FileList, [number, number]>
  differences: Difference[]
  dropped: number
  omitted: number
  complete: boolean
  codes: [number | null, number | null]
  /** Actions that the workload declares and did not do. */
  lacking: string[]
  /** Output on both sides, which explains an exit code other than 0. */
  output: [string, string]
}

const WITNESSES = 3

/** Repeats the strace run if process ids wrapped around, which happens while many other processes start on the machine. */
async function witness(ground: Ground, workload: Workload, left = WITNESSES): Promise<Witnessed> {
  try {
    return await witnessIt(ground, workload)
  } catch (error) {
    if (left > 1 && error instanceof NumberTakenAgain) return witness(ground, workload, left - 1)
    throw error
  }
}

export async function measure(ground: Ground, workload: Workload): Promise<Measured> {
  const [recorded, witnessed] = await Promise.all([recordIt(ground, workload), witness(ground, workload)])
  const [ours, theirs] = [recorded.account, witnessed.account]
  const counts = {
    programs: [ours.programs.length, theirs.programs.length],
    ...Object.fromEntries(FILE_LISTS.map((list) => [list, [ours[list].size, theirs[list].size]])),
  } as Measured['counts']
  const did: Record<string, number> = {
    ...Object.fromEntries(Object.entries(counts).map(([what, [, count]]) => [what, count])),
    refusedPrograms: witnessed.refusedPrograms,
    threads: witnessed.threads,
  }
  return {
    workload: workload.name,
    counts,
    differences: compare(ours, theirs, workload.random ?? []),
    dropped: recorded.coverage.dropped,
    omitted: recorded.omitted,
    complete: recorded.coverage.complete,
    codes: [recorded.code, witnessed.code],
    lacking: Object.entries(workload.atLeast)
      .filter(([what, least]) => (did[what] ?? 0) < least)
      .map(([what, least]) => `${what}: ${did[what]} of ${least}`),
    output: [recorded.output, witnessed.output],
  }
}
