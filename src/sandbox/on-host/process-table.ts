// What the host's /proc says about processes. A pid alone is reused by the kernel; pid and start time are not.
import { readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'

export const ProcessIdentity = z.strictObject({
  pid: z.int().positive(),
  /** Clock ticks since boot, as /proc/PID/stat has them. */
  startTime: z.string().regex(/^\d+$/),
})
export type ProcessIdentity = z.infer<typeof ProcessIdentity>

/** null when there is no such process, or only its zombie. */
export function identify(pid: number): ProcessIdentity | null {
  const { state, startTime } = readStat(`${pid}/stat`)
  if (state === 'Z' || state === 'X' || startTime === undefined) return null
  return { pid, startTime }
}

/** What the kernel says each of its threads does, e.g. `S` or `T`; none when the process is gone. proc_pid_stat(5) */
export function statesOf(process: ProcessIdentity): string[] {
  const threads = listProc(`${process.pid}/task`).map((tid) => readStat(`${process.pid}/task/${tid}/stat`).state)
  return isAlive(process) ? threads.filter((state) => state !== undefined) : []
}

interface Stat {
  state?: string | undefined
  parent?: string | undefined
  startTime?: string | undefined
}

function readStat(path: string): Stat {
  const stat = readProc(path)
  if (stat === null) return {}
  // The name in parentheses is the process's own choice and may hold spaces and parentheses. proc_pid_stat(5)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0], parent: fields[1], startTime: fields[19] }
}

/**
 * Pids of the processes that descend from one, which is left out. Within its pid namespace nobody leaves the first process: an
 * orphan becomes its child.
 */
export function descendantsOf(ancestor: number): number[] {
  const childrenOf = new Map<number, number[]>()
  for (const name of listProc('').filter(isPid)) {
    const parent = Number(readStat(`${name}/stat`).parent ?? Number.NaN)
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(name)])
  }
  const found: number[] = []
  for (
    let next = childrenOf.get(ancestor) ?? [];
    next.length > 0;
    next = next.flatMap((pid) => childrenOf.get(pid) ?? [])
  )
    found.push(...next)
  return found
}

export function isAlive(process: ProcessIdentity): boolean {
  return identify(process.pid)?.startTime === process.startTime
}

export function commandName(pid: number): string | null {
  return readProc(`${pid}/comm`)?.trimEnd() ?? null
}

/** Processes that hold the uid as real, effective, saved or file system uid. Zombies are left out. */
export function processesOfUid(uid: number): ProcessIdentity[] {
  return readdirSync('/proc')
    .filter((name) => isPid(name) && hasUid(name, uid))
    .map((name) => identify(Number(name)))
    .filter((process) => process !== null)
}

function isPid(name: string): boolean {
  return /^\d+$/.test(name)
}

function hasUid(pid: string, uid: number): boolean {
  const ids = /^Uid:\s+(.*)$/m.exec(readProc(`${pid}/status`) ?? '')?.[1]
  return ids?.split(/\s+/).includes(String(uid)) ?? false
}

/** Differs after every boot: pids, start times and cgroups of another boot mean nothing. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
}

function listProc(path: string): string[] {
  try {
    return readdirSync(`/proc/${path}`)
  } catch {
    return [] // it ended meanwhile
  }
}

function readProc(path: string): string | null {
  try {
    return readFileSync(`/proc/${path}`, 'latin1')
  } catch {
    return null // it ended meanwhile
  }
}
