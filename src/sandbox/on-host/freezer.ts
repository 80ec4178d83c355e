// The cgroup freezer: what it holds does not run, and looks like a process that sleeps. cgroups(7), and in the kernel's
// documentation cgroup-v1/freezer-subsystem and "cgroup.freeze" in cgroup-v2. In a hybrid setup there are two of it.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cgroupMounts } from './cgroup-mounts.ts'
import { locateLegacyCgroup, locateUnifiedCgroup } from './locate-cgroup.ts'
import { readSetting } from './read-setting.ts'

/** null: the cgroup that would tell can't be seen from here. */
export function isFrozen(pid: number, mountinfo = ownMounts()): boolean | null {
  const cgroups = readSetting(`/proc/${pid}/cgroup`)
  if (cgroups === null) return false // it has ended
  const legacy = locateLegacyCgroup('freezer', mountinfo, cgroups)
  const unified = locateUnifiedCgroup(mountinfo, cgroups)
  // The topmost cgroup of a hierarchy can't be frozen and has neither file.
  const held = legacy ? !['THAWED', null].includes(readSetting(join(legacy.directory, 'freezer.state'))) : false
  const frozen = unified ? /^frozen 1$/m.test(readSetting(join(unified.directory, 'cgroup.events')) ?? '') : false
  const seen = legacy === undefined ? unified !== null : legacy !== null
  return held || frozen || (seen ? false : null)
}

/**
 * In version 1 not even SIGKILL reaches what is frozen. Whoever froze it may have frozen others along, which is not ours
 * to undo: the killed processes leave for the top of the hierarchy, where nothing is ever frozen, and end there.
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
      // It ended meanwhile; or this account may not, and whoever waits for its end says that it does not come.
    }
  }
}

function ownMounts(): string {
  return readFileSync('/proc/self/mountinfo', 'utf8')
}
