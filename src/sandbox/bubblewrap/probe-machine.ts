import type { Probe } from '../types.ts'
import { findTool, isExecutable } from '../on-host/find-tool.ts'
import { probeUserNamespaces } from './probe-user-namespaces.ts'
import { readSetting } from '../on-host/read-setting.ts'
import { runTool } from '../on-host/run-tool.ts'
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

async function probeTool(name: string, command: string, debianPackage: string): Promise<Probe> {
  const path = findTool(command)
  if (path === null)
    return {
      name,
      found: false,
      detail: `no ${command} on this machine`,
      cure: `apt-get install ${debianPackage}, or npm run setup`,
    }
  const { ok, output } = await runTool([path, '--version'])
  const detail = `${path}: ${output.split('\n')[0]?.slice(0, 200)}`
  return { name, found: ok, detail, cure: ok ? null : `reinstall ${debianPackage}` }
}

function probeSeccomp(): Probe {
  const actions = readSetting('/proc/sys/kernel/seccomp/actions_avail') ?? ''
  const found = actions.split(' ').includes('user_notif')
  const detail = found
    ? 'the kernel can report system calls to the guest'
    : `the kernel offers: ${actions || 'no seccomp'}`
  return {
    name: 'seccomp user notification',
    found,
    detail,
    cure: found ? null : 'a kernel from 5.0 on with CONFIG_SECCOMP_FILTER',
  }
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

function probeGuest(path: string): Probe {
  const found = isExecutable(path)
  return { name: 'guest', found, detail: found ? path : `${path} is not built`, cure: found ? null : 'npm run setup' }
}
