// The engine counts in cgroups of its own. They are on this host too, and say what its API does not: which limit was hit.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { locateLegacyCgroup, locateUnifiedCgroup } from '../on-host/locate-cgroup.ts'
import { processesOfCgroup } from '../on-host/read-cgroup.ts'
import type { OwnCgroup } from '../on-host/read-cgroup.ts'

export interface ContainerCgroups {
  /** null where it can't be found, as when Glovebox is in a cgroup namespace of its own. */
  memory: OwnCgroup | null
  pids: OwnCgroup | null
}

/** `pid` is the container's first process, as the host numbers it. */
export function containerCgroups(pid: number): ContainerCgroups {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  const find = (controller: string) => {
    const found = locateCgroup(controller, mounts, lines)
    // Only the one that the process is really in may speak for it.
    return found !== null && processesOfCgroup(found.directory).includes(pid) ? found : null
  }
  return { memory: find('memory'), pids: find('pids') }
}

export function locateCgroup(controller: string, mountinfo: string, processCgroups: string): OwnCgroup | null {
  const legacy = locateLegacyCgroup(controller, mountinfo, processCgroups)
  if (legacy !== undefined) return legacy
  const found = locateUnifiedCgroup(mountinfo, processCgroups)
  return found !== null && existsSync(join(found.directory, `${controller}.max`)) ? found : null
}
