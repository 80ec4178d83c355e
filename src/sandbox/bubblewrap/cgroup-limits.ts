// The cgroups of one sandbox: created before its first process, read while it runs, removed when it is empty.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SandboxLimits } from '../types.ts'
import { limitsCounted } from '../on-host/read-cgroup.ts'
import type { OwnCgroup } from '../on-host/read-cgroup.ts'
import { LIMIT_FILE } from './find-cgroups.ts'
import type { CgroupParent, CgroupParents } from './find-cgroups.ts'

export interface CgroupLimits {
  directories: readonly string[]
  inForce: Readonly<Record<string, string>>
  /** The cgroup that counts the sandbox's memory. */
  memory: OwnCgroup | null
  /** Names of the limits that were hit so far. */
  hits(): string[]
}

/** Folders that createCgroups() will create. The caller records them first, so that reap() finds them after a crash. */
export function cgroupDirectories(parents: CgroupParents, run: string): string[] {
  const directories = [parents.memory, parents.pids, parents.cpu].flatMap((parent) =>
    parent ? [join(parent.directory, `glovebox-${run}`)] : [],
  )
  return [...new Set(directories)]
}

/**
 * A CPU weight, not a limit. The threat: a thousand busy processes, each in its own session so that the scheduler's
 * autogroups do not help, could keep Glovebox from ending them. In one cgroup they share a single weight. It is the
 * kernel's default: with a smaller weight, a run on a busy machine would hardly progress.
 */
const CPU_WEIGHT = { 1: 1024, 2: 100 } as const

export function createCgroups(parents: CgroupParents, run: string, limits: SandboxLimits): CgroupLimits {
  const directories = cgroupDirectories(parents, run)
  for (const directory of directories) mkdirSync(directory)
  const inForce: Record<string, string> = {}
  if (parents.memory) {
    const { version, directory } = parents.memory
    const own = join(directory, `glovebox-${run}`)
    writeFileSync(join(own, LIMIT_FILE[version].memory), String(limits.memoryBytes))
    const swap = limitSwap(own, version, limits.memoryBytes)
    inForce['memory'] = `cgroup-v${version} ${limits.memoryBytes} bytes${swap ? '' : ', swap not counted'}`
  }
  if (parents.pids) {
    const { version, directory } = parents.pids
    writeFileSync(join(directory, `glovebox-${run}`, LIMIT_FILE[version].pids), String(limits.processes))
    inForce['processes'] = `cgroup-v${version} ${limits.processes} processes and threads`
  }
  if (parents.cpu) {
    const { version, directory } = parents.cpu
    writeFileSync(join(directory, `glovebox-${run}`, LIMIT_FILE[version].cpu), String(CPU_WEIGHT[version]))
    inForce['cpu'] = `cgroup-v${version} weight ${CPU_WEIGHT[version]} for all its processes together`
  }
  const own = (parent: CgroupParent | null) =>
    parent && { version: parent.version, directory: join(parent.directory, `glovebox-${run}`) }
  const counted = { memory: own(parents.memory), pids: own(parents.pids) }
  return { directories, inForce, memory: counted.memory, hits: () => limitsCounted(counted, limits) }
}

/** Memory and swap together may not be more than memory alone; false where the kernel does not count swap. */
function limitSwap(directory: string, version: 1 | 2, bytes: number): boolean {
  const [file, value] = version === 1 ? ['memory.memsw.limit_in_bytes', bytes] : ['memory.swap.max', 0]
  if (!existsSync(join(directory, file))) return false
  writeFileSync(join(directory, file), String(value))
  return true
}
