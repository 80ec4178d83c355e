import type { Summary } from './pairs.ts'
import type { Workbench } from './workbench.ts'

/** `ratio`: measured work divided by its baseline. `ms`, `MiB`: additional time or memory over its baseline. */
export type Unit = 'ratio' | 'ms' | 'MiB'

export interface RowHead {
  /** `group/what`, e.g. `record/npm-ci`. */
  name: string
  unit: Unit
  /** The compared sides, for a person. */
  meaning: string
}

/** Row in the output of `--json`. */
export interface Row extends Summary {
  name: string
  unit: Unit
}

/** Rows from the same measurement. */
export interface RowGroup {
  rows: readonly RowHead[]
  /** Returns one summary for each of `rows`, in order. `pairs`: number of measurements. */
  measure(bench: Workbench, pairs: number): Promise<readonly Summary[]>
}
