// Where no cgroup can be had: limits that a process inherits. Weaker, and the coverage report says so.
import type { SandboxLimits } from '../types.ts'
import type { CgroupParents } from './find-cgroups.ts'

export interface Rlimits {
  /** argv to put in front of the guest, inside the sandbox. */
  launcher: readonly string[]
  inForce: Readonly<Record<string, string>>
}

/**
 * Set inside the new user namespace, where the kernel (5.14 and later) counts only this sandbox's processes; outside,
 * every other process of the same person would count. Private memory (RLIMIT_DATA) and not address space: runtimes
 * such as V8 reserve far more addresses than they use.
 */
export function rlimitsFor(missing: CgroupParents, limits: SandboxLimits, prlimit: () => string): Rlimits {
  const options: string[] = []
  const inForce: Record<string, string> = {}
  if (missing.memory === null) {
    options.push(`--data=${limits.memoryBytes}`)
    inForce['memory'] =
      `rlimit ${limits.memoryBytes} bytes of private memory for each process, no limit for all together`
  }
  if (missing.pids === null) {
    options.push(`--nproc=${limits.processes}`)
    inForce['processes'] = `rlimit ${limits.processes} processes and threads`
  }
  return { launcher: options.length > 0 ? [prlimit(), ...options, '--'] : [], inForce }
}
