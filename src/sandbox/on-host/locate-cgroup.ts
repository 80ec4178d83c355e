// Where on this host the cgroups of a process are, from /proc/self/mountinfo and /proc/PID/cgroup, see cgroups(7).
import { join, relative } from 'node:path'
import { cgroupMounts } from './cgroup-mounts.ts'
import type { OwnCgroup } from './read-cgroup.ts'

/** undefined: the controller is in no hierarchy of version 1. null: its cgroup can't be seen from here. */
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

/** null: there is none, or it can't be seen from here. */
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
  // `/..`: outside of the cgroup namespace that this process is in.
  if (cgroup.split('/').includes('..')) return null
  const path = relative(mount.root, cgroup)
  return path.startsWith('..') ? null : { version, directory: join(mount.path, path) }
}
