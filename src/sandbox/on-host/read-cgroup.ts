// One cgroup of a sandbox: who is in it, what it counted, its end.
import { existsSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A line `name value` of a statistics file; 0 where there is none. */
export function counter(path: string, name: string): number {
  const line = readOptional(path)
    .split('\n')
    .find((text) => text.startsWith(`${name} `))
  return Number(line?.slice(name.length + 1) ?? 0)
}

export function processesOfCgroup(directory: string): number[] {
  return readOptional(join(directory, 'cgroup.procs')).split('\n').filter(Boolean).map(Number)
}

/** Kills all at once where the kernel can (cgroup-v2 since 5.14). */
export function killCgroup(directory: string): void {
  const file = join(directory, 'cgroup.kill')
  if (existsSync(file)) writeFileSync(file, '1')
}

/** false while the kernel still counts something in it. */
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
