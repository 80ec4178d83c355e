import type { Probe } from '../types.ts'
import { probeGuest, probeSeccomp, probeTool } from '../on-host/probe-host.ts'
import { probeUserNamespaces } from './probe-user-namespaces.ts'
import type { Machine } from './start-sandbox.ts'

/** Everything a sandbox needs of the machine, each with what mends it. Nothing is guessed: what can be tried is tried. */
export async function probeMachine(machine: Machine): Promise<readonly Probe[]> {
  const asRoot = machine.ownUid === 0
  return [
    await probeTool('bubblewrap', 'bwrap', 'bubblewrap'),
    ...(asRoot ? [await probeTool('setpriv', 'setpriv', 'util-linux')] : []),
    await probeUserNamespaces(asRoot ? machine.uids.last : null),
    probeSeccomp(),
    probeCgroups(machine),
    await probeTool('git', 'git', 'git'),
    probeGuest(machine.guest),
  ]
}

/** Never missing: rlimits always work. The detail says how strong the limits are. */
function probeCgroups({ cgroups }: Machine): Probe {
  const mechanism = (parent: Machine['cgroups']['memory']) => (parent ? `cgroup-v${parent.version}` : 'rlimit only')
  const weight = cgroups.cpu ? `cgroup-v${cgroups.cpu.version}` : 'none'
  const detail = `memory: ${mechanism(cgroups.memory)}, processes: ${mechanism(cgroups.pids)}, cpu weight: ${weight}`
  const whole = Object.values(cgroups).every((parent) => parent !== null)
  return {
    name: 'limits',
    found: true,
    detail,
    cure: whole ? null : 'for stronger limits: systemd-run --user --scope -p Delegate=yes, or run as root',
  }
}
