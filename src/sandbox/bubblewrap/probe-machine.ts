import type { Probe } from '../types.ts'
import { probeBuilt, probeSeccomp, probeTool } from '../on-host/probe-host.ts'
import { probeUserNamespaces } from './probe-user-namespaces.ts'
import type { Machine } from './start-sandbox.ts'

/** Everything a sandbox needs of the machine, each with what mends it. Nothing is guessed: what can be tried is tried. */
export async function probeMachine(machine: Machine): Promise<readonly Probe[]> {
  const asRoot = machine.ownUid === 0
  const needsRlimits = machine.cgroups.memory === null || machine.cgroups.pids === null
  return [
    await probeTool('bubblewrap', 'bwrap', 'bubblewrap'),
    ...(asRoot ? [probeBuilt('stage', machine.stage)] : []),
    ...(needsRlimits ? [await probeTool('prlimit', 'prlimit', 'util-linux')] : []),
    await probeUserNamespaces(asRoot ? { uid: machine.uids.last, stage: machine.stage } : null),
    probeSeccomp(),
    probeCgroups(machine),
    await probeTool('git', 'git', 'git'),
    probeBuilt('guest', machine.guest),
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
