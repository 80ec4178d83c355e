// Probes for the needs of every kind of sandbox on this host.
import type { Probe } from '../types.ts'
import { findTool, isExecutable } from './find-tool.ts'
import { readSetting } from './read-setting.ts'
import { runTool } from './run-tool.ts'

export async function probeTool(name: string, command: string, debianPackage: string): Promise<Probe> {
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

export function probeSeccomp(): Probe {
  const actions = readSetting('/proc/sys/kernel/seccomp/actions_avail') ?? ''
  const found = actions.split(' ').includes('user_notif')
  const detail = found
    ? 'the kernel can report system calls to the guest'
    : `the kernel offers: ${actions || 'no seccomp'}`
  return {
    name: 'seccomp user notification',
    found,
    detail,
    cure: found ? null : 'use a kernel from 5.0 on with CONFIG_SECCOMP_FILTER',
  }
}

/** A row about a limit that sandboxes lack, or have only in a weaker form. `detail` is the consequence. */
export function weakLimit(limit: string, detail: string, cure: string): Probe {
  return { name: `limit: ${limit}`, found: true, weak: true, detail, cure }
}

/** Checks that a program of this project is built. */
export function probeBuilt(name: string, path: string): Probe {
  const found = isExecutable(path)
  return { name, found, detail: found ? path : `${path} is not built`, cure: found ? null : 'npm run setup' }
}
