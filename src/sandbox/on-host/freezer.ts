// The cgroup freezer. A frozen process does not run, but looks like a sleeping one. See cgroups(7) and, in the kernel's
// documentation, cgroup-v1/freezer-subsystem and "cgroup.freeze" in cgroup-v2. A hybrid setup has both freezers.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cgroupMounts } from './cgroup-mounts.ts'
import { locateLegacyCgroup, locateUnifiedCgroup } from './locate-cgroup.ts'
import { readSetting } from './read-setting.ts'

/** Whether a process is frozen. null: unknown, because its freezer cgroup is not visible from here. */
export function isFrozen(pid: number, mountinfo = ownMounts()): boolean | null {
  const cgroups = readSetting(`/proc/${pid}/cgroup`)
  if (cgroups === null) return false // the process has ended
  const legacy = locateLegacyCgroup('freezer', mountinfo, cgroups)
  const unified = locateUnifiedCgroup(mountinfo, cgroups)
  // The root cgroup of a hierarchy can't be frozen and has neither file.
  const held = legacy ? !['THAWED', null].includes(readSetting(join(legacy.directory, 'freezer.state'))) : false
  const frozen = unified ? /^frozen 1$/m.test(readSetting(join(unified.directory, 'cgroup.events')) ?? '') : false
  const seen = legacy === undefined ? unified !== null : legacy !== null
  return held || frozen || (seen ? false : null)
}

/**
 * Moves killed processes to the root of the hierarchy, where nothing is ever frozen, so that they can end. In version 1
 * not even SIGKILL ends a frozen process. Thawing the cgroup instead could thaw processes of others.
 */
export function leaveFreezer(pids: readonly number[]): void {
  if (pids.length === 0) return
  const mountinfo = ownMounts()
  const mount = cgroupMounts(mountinfo).find(
    ({ type, options, root }) => type === 'cgroup' && options.includes('freezer') && root === '/',
  )
  if (mount === undefined) return
  for (const pid of pids.filter((one) => isFrozen(one, mountinfo) === true)) {
    try {
      writeFileSync(join(mount.path, 'cgroup.procs'), String(pid))
    } catch {
      // The process has ended meanwhile, or this account may not move it. The code that waits for its end reports that
      // case.
    }
  }
}

function ownMounts(): string {
  return readFileSync('/proc/self/mountinfo', 'utf8')
}
