// Host paths of a process's cgroups, from /proc/self/mountinfo and /proc/PID/cgroup. See cgroups(7).
import { join, relative } from 'node:path'
import { cgroupMounts } from './cgroup-mounts.ts'
import type { OwnCgroup } from './read-cgroup.ts'

/** Version 1. undefined: no hierarchy has the controller. null: its cgroup is not visible from here. */
export function locateLegacyCgroup(
  controller: string,
  mountinfo: string,
  processCgroups: string,
): OwnCgroup | null | undefined {
  const path = linesOf(processCgroups).find(({ controllers }) => controllers.split(',').includes(controller))?.path
  if (path === undefined) return undefined
  const mount = cgroupMounts(mountinfo).find(({ type, options }) => type === 'cgroup' && options.includes(controller))
  return mount ? below(1, mount, path) : null
}

/** Version 2. null: there is no such cgroup, or it is not visible from here. */
export function locateUnifiedCgroup(mountinfo: string, processCgroups: string): OwnCgroup | null {
  const path = linesOf(processCgroups).find(({ controllers }) => controllers === '')?.path
  const mount = cgroupMounts(mountinfo).find(({ type }) => type === 'cgroup2')
  return path === undefined || mount === undefined ? null : below(2, mount, path)
}

function linesOf(processCgroups: string): { controllers: string; path: string }[] {
  return [...processCgroups.matchAll(/^\d+:([^:]*):(\/.*)$/gm)].map(([, controllers = '', path = '']) => ({
    controllers,
    path,
  }))
}

function below(version: 1 | 2, mount: { root: string; path: string }, cgroup: string): OwnCgroup | null {
  // `/..`: outside this process's cgroup namespace.
  if (cgroup.split('/').includes('..')) return null
  const path = relative(mount.root, cgroup)
  return path.startsWith('..') ? null : { version, directory: join(mount.path, path) }
}
