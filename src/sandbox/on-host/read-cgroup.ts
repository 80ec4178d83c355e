// Reads one cgroup of a sandbox: its processes and its counters; kills and removes it.
import { existsSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SandboxLimits } from '../types.ts'
import { byteSize } from './byte-size.ts'

export interface OwnCgroup {
  version: 1 | 2
  directory: string
}

/** Names of the limits that were hit so far. A null cgroup has none. */
export function limitsCounted(
  { memory, pids }: { memory: OwnCgroup | null; pids: OwnCgroup | null },
  limits: SandboxLimits,
): string[] {
  const hits: string[] = []
  if (memory) {
    // Counts kills, not failcnt: failcnt also grows when the page cache was trimmed to fit.
    const file = memory.version === 1 ? 'memory.oom_control' : 'memory.events'
    if (counter(join(memory.directory, file), 'oom_kill') > 0) hits.push(memoryLimitName(limits))
  }
  if (pids && counter(join(pids.directory, 'pids.events'), 'max') > 0) hits.push(`process limit ${limits.processes}`)
  return hits
}

export function memoryLimitName({ memoryBytes }: SandboxLimits): string {
  return `memory limit ${byteSize(memoryBytes)}`
}

/** Value of a line `name value` in a statistics file; 0 if the file or the line is missing. */
function counter(path: string, name: string): number {
  const line = readOptional(path)
    .split('\n')
    .find((text) => text.startsWith(`${name} `))
  return Number(line?.slice(name.length + 1) ?? 0)
}

export function processesOfCgroup(directory: string): number[] {
  return readOptional(join(directory, 'cgroup.procs')).split('\n').filter(Boolean).map(Number)
}

/** Kills all processes at once where the kernel supports it (cgroup-v2 since Linux 5.14). */
export function killCgroup(directory: string): void {
  const file = join(directory, 'cgroup.kill')
  if (existsSync(file)) writeFileSync(file, '1')
}

/** Removes a cgroup; returns false while the kernel still counts a process in it. */
export function removeCgroup(directory: string): boolean {
  try {
    rmdirSync(directory)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return true
    if (code === 'EBUSY') return false
    throw error
  }
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')) return ''
    throw error
  }
}
