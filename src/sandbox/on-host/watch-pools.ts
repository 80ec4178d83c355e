// Watch over kernel resources (pools) that all programs of the machine share and that no cgroup counts. While a run
// works, the watch checks how full each pool is, which is cheap. Only when a pool runs short does it count the run's
// own part.
import { byteSize } from './byte-size.ts'
import { awake } from './awake.ts'
import { openFilesOf } from './open-files.ts'
import { readSetting } from './read-setting.ts'
import { netlinkBytes, queuesOf, socketTotals } from './socket-buffers.ts'

export interface WatchPoolsOptions {
  /** Host pid of the guest; null if there is none, so that its sockets are not visible. */
  guest: number | null
  /** The known processes of the sandbox. */
  processes: () => readonly number[]
  /** Most bytes that its sockets may hold. */
  socketBytes: number
  /** Called once with the name of the limit; the watch then ends. */
  onHit: (limit: string) => void
  signal: AbortSignal
  /** Reads a file of /proc; returns null if it is missing. */
  read?: (path: string) => string | null
}

/** A program can open half of all files in less than half a second. */
const POLL_MS = 100
/** Counting takes at most one part in this many of the time. */
const REST_FACTOR = 10
const PAGE_BYTES = 4096
/** Number of sockets too small to hold much, because the kernel bounds each (net.core.rmem_max). */
const FEW_SOCKETS = 8

export interface Pool {
  used: number
  most: number
}

/**
 * Whether a run has more of a pool than is left for all others. By this rule one run can take a half and two runs a
 * third each, so that some is always left, and a run with little is never blamed when the pool runs out. Network
 * switches share their buffers by the same rule (Choudhury and Hahne, Dynamic queue length thresholds, 1998).
 */
export function hasTooMuch(own: number, { used, most }: Pool): boolean {
  return own > Math.max(most - used, littleOf(most))
}

export function runsShort({ used, most }: Pool): boolean {
  return used > most / 2
}

function littleOf(most: number): number {
  return most / 64
}

/** Rejects when the pools can't be read; the run must then end. */
export async function watchPools(options: WatchPoolsOptions): Promise<void> {
  let restUntil = 0
  while (await awake(POLL_MS, options.signal)) {
    const at = performance.now()
    if (at < restUntil) continue
    const hit = lookAtFiles(options) ?? lookAtSockets(options)
    if (options.signal.aborted) return
    if (hit !== null) return options.onHit(hit)
    const now = performance.now()
    restUntil = now + (now - at) * REST_FACTOR
  }
}

function lookAtFiles({ guest, processes, read = readSetting }: WatchPoolsOptions): string | null {
  const [used = 0, , most = 0] = numbersIn(read('/proc/sys/fs/file-nr'))
  if (!runsShort({ used, most })) return null
  const own = openFilesOf(processes(), guest, Math.max(most - used, littleOf(most)))
  if (!hasTooMuch(own, { used, most })) return null
  return `open files limit: ${used} of the ${most} files that this machine can have were open, too many of them by this run`
}

function lookAtSockets({ guest, socketBytes, read = readSetting }: WatchPoolsOptions): string | null {
  if (guest === null) return null
  const net = (name: string) => read(`/proc/${guest}/net/${name}`) ?? ''
  const totals = socketTotals(net('sockstat'))
  const orphans = { used: totals.orphans, most: numbersIn(read('/proc/sys/net/ipv4/tcp_max_orphans'))[0] ?? Infinity }
  const crowded = totals.pages * PAGE_BYTES > socketBytes || runsShort(orphans)
  const queues = crowded ? ['tcp', 'tcp6', 'udp', 'udp6'].map((name) => queuesOf(net(name))) : []
  const waiting = totals.sockets > FEW_SOCKETS ? netlinkBytes(net('netlink')) : 0
  const bytes = queues.reduce((sum, queue) => sum + queue.bytes, waiting)
  if (bytes > socketBytes) return `socket buffer limit ${byteSize(socketBytes)}`
  const own = queues.reduce((sum, queue) => sum + queue.orphans, 0)
  if (!runsShort(orphans) || !hasTooMuch(own, orphans)) return null
  return `connection limit: ${orphans.used} of the ${orphans.most} closed connections that this machine keeps had unsent data, too many of them from this run`
}

function numbersIn(text: string | null): number[] {
  return (text ?? '').split(/\s+/).filter(Boolean).map(Number)
}
