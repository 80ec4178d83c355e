import type { Probe } from '../types.ts'
import { findTool, isExecutable } from '../on-host/find-tool.ts'
import { runTool } from '../on-host/run-tool.ts'
import { readSetting } from '../on-host/read-setting.ts'
import { STAGING_PLACES } from './outer-arguments.ts'

const NAME = 'user namespaces'

/** Creates a real user namespace, as the uid of a sandbox and through the same stage program; null: as our own user. */
export async function probeUserNamespaces(other: { uid: number; stage: string } | null): Promise<Probe> {
  const bwrap = findTool('bwrap')
  if (bwrap === null || (other !== null && !isExecutable(other.stage))) {
    return { name: NAME, found: false, detail: 'not tried, because a tool above is missing', cure: 'npm run setup' }
  }
  const asUser = other === null ? [] : [other.stage, '--uid', String(other.uid), STAGING_PLACES[0], '--']
  const isolation = [
    '--unshare-user',
    '--unshare-pid',
    '--unshare-net',
    '--die-with-parent',
    '--ro-bind',
    '/',
    '/',
    '--proc',
    '/proc',
  ]
  const { ok, output } = await runTool([...asUser, bwrap, ...isolation, '--', '/bin/true'])
  if (ok) return { name: NAME, found: true, detail: 'a sandbox can be created without privilege', cure: null }
  const { reason, cure } = explainRefusal(readSetting)
  return { name: NAME, found: false, detail: `${reason}: ${output.split('\n')[0]?.slice(0, 300)}`, cure }
}

/**
 * Names the setting that forbids it. Checks, in order: Debian and Arch kernels, every kernel, Ubuntu 24.04 and later.
 */
export function explainRefusal(setting: (path: string) => string | null): { reason: string; cure: string } {
  if (setting('/proc/sys/kernel/unprivileged_userns_clone') === '0') {
    return { reason: 'kernel.unprivileged_userns_clone is 0', cure: 'sysctl -w kernel.unprivileged_userns_clone=1' }
  }
  if (setting('/proc/sys/user/max_user_namespaces') === '0') {
    return { reason: 'user.max_user_namespaces is 0', cure: 'sysctl -w user.max_user_namespaces=15000' }
  }
  if (setting('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1') {
    return {
      reason: 'AppArmor restricts unprivileged user namespaces (kernel.apparmor_restrict_unprivileged_userns is 1)',
      cure: 'allow bwrap alone with an AppArmor profile `profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }`, or sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
    }
  }
  return {
    reason: 'the kernel refused, and no known setting explains it',
    cure: 'inside a container, allow it there: --security-opt seccomp=unconfined --security-opt systempaths=unconfined, or run Glovebox on the host',
  }
}
