import type { Probe } from '../types.ts'
import { probeBuilt, probeSeccomp, probeTool } from '../on-host/probe-host.ts'
import { countsSockets } from '../on-host/limit-sockets.ts'
import { probeUserNamespaces } from './probe-user-namespaces.ts'
import type { Machine } from './start-sandbox.ts'
import { weakLimits } from './weak-limits.ts'

/** Checks everything that a sandbox needs from the machine, each with its cure. Tries it for real wherever possible. */
export async function probeMachine(machine: Machine): Promise<readonly Probe[]> {
  const asRoot = machine.ownUid === 0
  const needsRlimits = machine.cgroups.memory === null || machine.cgroups.pids === null
  return [
    await probeTool('bubblewrap', 'bwrap', 'bubblewrap'),
    ...(asRoot ? [probeBuilt('stage', machine.stage)] : []),
    probeBuilt('enter', machine.enter),
    ...(needsRlimits ? [await probeTool('prlimit', 'prlimit', 'util-linux')] : []),
    await probeUserNamespaces(asRoot ? { uid: machine.uids.last, stage: machine.stage } : null),
    probeSeccomp(),
    probeCgroups(machine),
    ...weakLimits(machine.cgroups, machine.ownUid),
    await probeTool('git', 'git', 'git'),
    probeBuilt('guest', machine.guest),
  ]
}

/** Always found, because rlimits always work. */
function probeCgroups({ cgroups, ownUid }: Machine): Probe {
  const mechanism = (parent: Machine['cgroups']['memory']) => (parent ? `cgroup-v${parent.version}` : 'rlimit only')
  const { memory } = cgroups
  const details = {
    memory: mechanism(memory),
    processes: mechanism(cgroups.pids),
    'cpu weight': cgroups.cpu ? `cgroup-v${cgroups.cpu.version}` : 'none',
    'socket buffers': memory !== null && countsSockets(memory) ? `cgroup-v${memory.version}, watched` : 'watched',
    'open files': 'watched',
    terminals: 'devpts',
    'file watches': ownUid === 0 ? 'own user id' : 'user namespace',
    'kernel pools': 'system call filter',
    workspace: 'watched',
  }
  return {
    name: 'limits',
    found: true,
    detail: Object.entries(details)
      .map(([limit, held]) => `${limit}: ${held}`)
      .join('; '),
    cure: null,
  }
}
