// The engine counts in cgroups of its own. They are on this host too, and say what its API does not: which limit was hit.
import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { cgroupMounts } from '../on-host/cgroup-mounts.ts'
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

/** From /proc/self/mountinfo and /proc/PID/cgroup, see cgroups(7). */
export function locateCgroup(controller: string, mountinfo: string, processCgroups: string): OwnCgroup | null {
  const mounts = cgroupMounts(mountinfo)
  const lines = processCgroups.split('\n').map((line) => /^\d+:([^:]*):(\/.*)$/.exec(line))
  const legacy = lines.find((line) => line?.[1]?.split(',').includes(controller))?.[2]
  if (legacy !== undefined) {
    const mount = mounts.find(({ type, options }) => type === 'cgroup' && options.includes(controller))
    return mount ? below(1, mount, legacy) : null
  }
  const unified = lines.find((line) => line?.[1] === '')?.[2]
  const mount = mounts.find(({ type }) => type === 'cgroup2')
  if (unified === undefined || mount === undefined) return null
  const found = below(2, mount, unified)
  return found !== null && existsSync(join(found.directory, `${controller}.max`)) ? found : null
}

function below(version: 1 | 2, mount: { root: string; path: string }, cgroup: string): OwnCgroup | null {
  // `/..`: outside of the cgroup namespace that this process is in.
  if (cgroup.split('/').includes('..')) return null
  const path = relative(mount.root, cgroup)
  return path.startsWith('..') ? null : { version, directory: join(mount.path, path) }
}
