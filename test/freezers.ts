// The cgroup freezers of this machine, for tests that hold a process from outside.
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cgroupMounts } from '../src/sandbox/on-host/cgroup-mounts.ts'
import { IS_ROOT } from './machine.ts'

export interface Freezer {
  version: 1 | 2
  /** Top of its hierarchy. */
  path: string
}

/** None where only root could make a cgroup, and nobody is. */
export function freezers(): Freezer[] {
  if (!IS_ROOT) return []
  return cgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8')).flatMap(({ type, options, path }): Freezer[] => {
    if (type === 'cgroup2') return [{ version: 2, path }]
    return options.includes('freezer') ? [{ version: 1, path }] : []
  })
}

/** Holds a process until it is disposed of, and that until the process is gone from there. */
export function freeze({ version, path }: Freezer, pid: number): AsyncDisposable {
  const cgroup = join(path, `glovebox-test-${pid}`)
  mkdirSync(cgroup)
  const set = (frozen: boolean) =>
    version === 1
      ? writeFileSync(join(cgroup, 'freezer.state'), frozen ? 'FROZEN' : 'THAWED')
      : writeFileSync(join(cgroup, 'cgroup.freeze'), frozen ? '1' : '0')
  writeFileSync(join(cgroup, 'cgroup.procs'), String(pid))
  set(true)
  return {
    async [Symbol.asyncDispose]() {
      set(false)
      while (readFileSync(join(cgroup, 'cgroup.procs'), 'utf8') !== '') await sleep(10)
      rmdirSync(cgroup)
    },
  }
}
