// The host's process table, read from /proc. The kernel reuses pids, but not a pid together with its start time. Each
// function throws when /proc can't be read, because then nothing is known about any process.
import { readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { unlessMissing } from './read-setting.ts'

export const ProcessIdentity = z.strictObject({
  pid: z.int().positive(),
  /** Clock ticks since boot, from /proc/PID/stat. */
  startTime: z.string().regex(/^\d+$/),
})
export type ProcessIdentity = z.infer<typeof ProcessIdentity>

/** Identity of a process; null if it does not exist or is a zombie. */
export function identify(pid: number): ProcessIdentity | null {
  const { state, startTime } = readStat(`${pid}/stat`)
  if (state === 'Z' || state === 'X' || startTime === undefined) return null
  return { pid, startTime }
}

/** State of each thread, such as `S` or `T`; empty when the process has ended. See proc_pid_stat(5). */
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
  // The process chooses the name in parentheses, which may hold spaces and parentheses. See proc_pid_stat(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0], parent: fields[1], startTime: fields[19] }
}

/**
 * Pids of all descendants of `ancestor`, without itself. If `ancestor` is the first process of a pid namespace, this is
 * complete: an orphan becomes its child.
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

/** Processes with the uid as real, effective, saved or file system uid, without zombies. */
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

/** Id of the current boot. Pids, start times and cgroups recorded under another boot id are meaningless. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
}

function listProc(path: string): string[] {
  return unlessMissing(() => readdirSync(`/proc/${path}`), []) // the process has ended meanwhile
}

function readProc(path: string): string | null {
  return unlessMissing(() => readFileSync(`/proc/${path}`, 'latin1'), null) // the process has ended meanwhile
}
