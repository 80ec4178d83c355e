// Limits that a process inherits, for machines without usable cgroups. They are weaker, and the coverage report says
// so.
import type { SandboxLimits } from '../types.ts'
import type { CgroupParents } from './find-cgroups.ts'

export interface Rlimits {
  /** argv in front of the guest's own, inside the sandbox. */
  launcher: readonly string[]
  inForce: Readonly<Record<string, string>>
}

/**
 * Set inside the new user namespace, where the kernel (5.14 and later) counts only this sandbox's processes. Outside,
 * every other process of the same account would count. Bounds private memory (RLIMIT_DATA) instead of address space,
 * because runtimes such as V8 reserve far more addresses than they use.
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
