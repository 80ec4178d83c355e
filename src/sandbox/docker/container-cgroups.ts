// The cgroups in which an engine counts a container. They are on this host and show which limit was hit; the API does
// not.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { locateLegacyCgroup, locateUnifiedCgroup } from '../on-host/locate-cgroup.ts'
import { processesOfCgroup } from '../on-host/read-cgroup.ts'
import type { OwnCgroup } from '../on-host/read-cgroup.ts'

export interface ContainerCgroups {
  /** null: not found, for example because Glovebox runs in its own cgroup namespace. */
  memory: OwnCgroup | null
  pids: OwnCgroup | null
}

/** Finds them by `pid`, the host pid of the container's first process. */
export function containerCgroups(pid: number): ContainerCgroups {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  const find = (controller: string) => {
    const found = locateCgroup(controller, mounts, lines)
    // Trust only a cgroup that really contains the process.
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
