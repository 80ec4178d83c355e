import { workspaceInForce } from '../on-host/guard-sandbox.ts'
import type { SandboxLimits } from '../types.ts'
import type { ContainerCgroups } from './container-cgroups.ts'
import { CPU_SHARES } from './container-options.ts'
import type { EngineFacts } from './engine-facts.ts'

/** Name of gVisor's runtime in its documentation of Docker's configuration. */
export const GVISOR = 'runsc'

export const UNRECORDED =
  'gVisor (runtime runsc) has no seccomp user notification: no process, file or connect of this run is recorded, only what ' +
  'passed the gateway, what the steps printed and how they ended'

export interface LimitParts {
  facts: Pick<EngineFacts, 'cgroupVersion' | 'limits'>
  limits: SandboxLimits
  cgroups: ContainerCgroups
  runtime: string | null
}

/** Description of each limit for the coverage report. */
export function limitsInForce({ facts, limits, cgroups, runtime }: LimitParts): Record<string, string> {
  const held = (what: string) => `docker cgroup-v${facts.cgroupVersion} ${what}`
  const named = (counted: unknown) => (counted === null ? '; not named when it is hit' : '')
  const missing = 'none: the engine says that its kernel has no such limit'
  const counts =
    runtime === GVISOR ? "processes and threads of the host, gVisor's own among them" : 'processes and threads'
  return {
    memory: facts.limits.memory
      ? `${held(`${limits.memoryBytes} bytes`)}${facts.limits.swap ? '' : ', swap not counted'}`
      : missing,
    processes: facts.limits.processes ? `${held(`${limits.processes} ${counts}`)}${named(cgroups.pids)}` : missing,
    cpu: facts.limits.cpu ? held(`weight ${CPU_SHARES} for all its processes together`) : missing,
    workspace: workspaceInForce(limits.workspaceBytes),
  }
}
