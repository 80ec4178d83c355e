// Search for cgroup hierarchies that may hold a sandbox. See cgroups(7) and the kernel's cgroup-v2 and -v1 admin
// guides.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cgroupMounts } from '../on-host/cgroup-mounts.ts'
import { runTool } from '../on-host/run-tool.ts'

export type Controller = 'memory' | 'pids' | 'cpu'

export interface CgroupParent {
  version: 1 | 2
  /** Parent folder of a sandbox's cgroup. */
  directory: string
}

/** null: in no hierarchy of this controller may we create a cgroup and move a process into it. */
export type CgroupParents = Readonly<Record<Controller, CgroupParent | null>>

export const NO_CGROUPS: CgroupParents = { memory: null, pids: null, cpu: null }

/** File that sets the limit; it exists only while the controller is enabled. */
export const LIMIT_FILE = {
  1: { memory: 'memory.limit_in_bytes', pids: 'pids.max', cpu: 'cpu.shares' },
  2: { memory: 'memory.max', pids: 'pids.max', cpu: 'cpu.weight' },
} as const

/** Tries each candidate with a real process, because file permissions alone do not show whether it works. */
export async function findCgroups(): Promise<CgroupParents> {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
  const self = readFileSync('/proc/self/cgroup', 'utf8')
  const find = async (controller: Controller) => {
    for (const parent of cgroupCandidates(controller, mounts, self)) if (await works(controller, parent)) return parent
    return null
  }
  const [memory, pids, cpu] = [await find('memory'), await find('pids'), await find('cpu')]
  // In version 2 a process is in exactly one cgroup: joining a second one leaves the first.
  const unified = [memory, pids, cpu].find((parent) => parent?.version === 2)
  const together = (parent: CgroupParent | null) =>
    parent?.version === 2 && parent.directory !== unified?.directory ? null : parent
  return { memory, pids: together(pids), cpu: together(cpu) }
}

/**
 * Version 2 comes first: our own cgroup, then its ancestors, nearest first. Usually systemd has delegated an ancestor,
 * because a cgroup with processes can't enable controllers for its children. Version 1: the top of the hierarchy.
 */
export function cgroupCandidates(controller: Controller, mountinfo: string, selfCgroup: string): CgroupParent[] {
  const mounts = cgroupMounts(mountinfo)
  const unified = mounts.find((mount) => mount.type === 'cgroup2')
  const ownPath = /^0::(\/.*)$/m.exec(selfCgroup)?.[1]
  const legacy = mounts.find((mount) => mount.type === 'cgroup' && mount.options.includes(controller))
  const candidates: CgroupParent[] = []
  if (unified && ownPath !== undefined) {
    const own = ownPath.startsWith('/..') ? '/' : ownPath
    for (const path of ancestors(own))
      candidates.push({ version: 2, directory: join(unified.path, path === '/' ? '' : path) })
  }
  if (legacy) candidates.push({ version: 1, directory: legacy.path })
  return candidates
}

function ancestors(path: string): string[] {
  return path === '/' ? ['/'] : [path, ...ancestors(dirname(path))]
}

async function works(controller: Controller, parent: CgroupParent): Promise<boolean> {
  const trial = join(parent.directory, `glovebox-trial-${randomBytes(6).toString('hex')}`)
  try {
    mkdirSync(trial)
  } catch {
    return false
  }
  try {
    if (!existsSync(join(trial, LIMIT_FILE[parent.version][controller]))) return false
    return (await runTool(['/bin/sh', '-c', 'echo 0 > "$1"', 'sh', join(trial, 'cgroup.procs')])).ok
  } finally {
    rmdirSync(trial)
  }
}
