import type { FileList } from './account.ts'
import type { RandomName } from './compare.ts'

export interface Workload {
  name: string
  meaning: string
  /** Fills the workspace, on the host; called afresh for each side, and must make the same each time. */
  seed?(workspace: string): Promise<void> | void
  /** Ends with 0, and with nothing left running. */
  argv: readonly string[]
  random?: readonly RandomName[]
  /** What is known to differ, and not mended yet. The test then holds that it does. */
  finding?: string
  /** What it must at least have done, as the witness tells it: a workload that does nothing compares well. */
  atLeast: Partial<Record<FileList | 'programs' | 'refusedPrograms' | 'threads', number>>
}
