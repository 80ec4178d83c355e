// Ceilings for the limits of a task, which override the task file: a task may come from a repository.
import type { Limits } from './task.ts'

/** A missing ceiling leaves only the maximum that every task file has (task.ts). */
export interface Ceilings {
  memory?: number | undefined
  processes?: number | undefined
  workspace?: number | undefined
  record?: number | undefined
}

export function capLimits(limits: Limits, ceilings: Ceilings): Limits {
  return {
    ...limits,
    memory: Math.min(limits.memory, ceilings.memory ?? Infinity),
    processes: Math.min(limits.processes, ceilings.processes ?? Infinity),
    workspace: Math.min(limits.workspace, ceilings.workspace ?? Infinity),
    record: Math.min(limits.record, ceilings.record ?? Infinity),
  }
}
