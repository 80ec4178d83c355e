import type { FileList } from './account.ts'
import type { RandomName } from './compare.ts'

export interface Workload {
  name: string
  meaning: string
  /** Fills the workspace on the host. It is called for each side and must create the same files each time. */
  seed?(workspace: string): Promise<void> | void
  /** The command. It must end with 0 and leave no process running. */
  argv: readonly string[]
  random?: readonly RandomName[]
  /** A known difference that is not fixed yet. The test then expects a difference. */
  finding?: string
  /** Minimum counts in strace's account, since a workload without actions would show no difference. */
  atLeast: Partial<Record<FileList | 'programs' | 'refusedPrograms' | 'threads', number>>
}
