import type { Summary } from './pairs.ts'
import type { Workbench } from './workbench.ts'

/** `ratio`: measured work against its baseline. `ms`: what it takes more than its baseline. */
export type Unit = 'ratio' | 'ms'

export interface RowHead {
  /** `group/what`, e.g. `record/npm-ci`. */
  name: string
  unit: Unit
  /** What is put against what, for a person. */
  meaning: string
}

/** As `--json` prints it. */
export interface Row extends Summary {
  name: string
  unit: Unit
}

/** Rows that come from the same measurement. */
export interface RowGroup {
  rows: readonly RowHead[]
  /** One summary for each of `rows`, in their order. `pairs` is how often it is measured. */
  measure(bench: Workbench, pairs: number): Promise<readonly Summary[]>
}
