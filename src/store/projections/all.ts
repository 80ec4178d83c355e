import { modelUsage } from './model-usage.ts'
import type { Projection } from './projection.ts'
import { traces } from './traces.ts'

export const PROJECTIONS: readonly Projection[] = [traces, modelUsage]
