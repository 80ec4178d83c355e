import type { Workload } from '../workload.ts'
import { CRAFTED } from './crafted.ts'
import { REFUSED_CALLS } from './refused-calls.ts'
import { REAL_PROGRAMS } from './real-programs.ts'

export const WORKLOADS: readonly Workload[] = [...REAL_PROGRAMS, ...CRAFTED, ...REFUSED_CALLS]
