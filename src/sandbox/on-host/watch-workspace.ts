import { lstatSync, statfsSync } from 'node:fs'
import { awake } from './awake.ts'
import { byteSize } from './byte-size.ts'
import { measureHeldFiles } from './held-files.ts'
import { measureTree } from './measure-tree.ts'
import type { MeasureBounds, TreeSize } from './measure-tree.ts'
import { bytesWrittenBy } from './written-bytes.ts'

export interface WatchOptions {
  path: string
  limitBytes: number
  /** The known processes of the sandbox. */
  processes: () => readonly number[]
  /** Host pid of the guest, one of `processes`; null if there is none. */
  guest: number | null
  /** Measures with more rights than this account has; resolves with null if there are no such rights. */
  measureClosed: (path: string, bounds: MeasureBounds) => Promise<TreeSize | null>
  /** Free bytes of the disk below which runs that fill it end. Default: 4 GiB, or a tenth of a smaller disk. */
  reserveBytes?: number
  /** Reads how full the file system of a path is. */
  usageOf?: (path: string) => Usage
  /** Called once with the name of the limit; the watch then ends. */
  onHit: (limit: string) => void
  signal: AbortSignal
}

const POLL_MS = 100
/**
 * Interval of counts without visible growth, in ms. Others may free space meanwhile, which hides a workspace's growth.
 */
const QUIET_MS = { least: 1000, most: 10_000 }
/**
 * How long a count may rest, as a multiple of its own duration: `quiet` if nothing seems to grow, `busy` if the disk grows,
 * and `urgent` if the disk has grown by more than what was left, so that the workspace may be over its limit already. A
 * quiet or busy rest ends after `QUIET_MS.most`, unless the count itself takes longer.
 */
const REST_FACTOR = { urgent: 1, busy: 10, quiet: 100 }
const MAX_ENTRIES = 2_000_000
const MAX_DEPTH = 512
const GIB = 1024 ** 3

/** State that both watches share. */
interface Watched extends WatchOptions {
  usageOf: (path: string) => Usage
  start: Usage
  /** Result of the last count. */
  counted: { bytes: number; entries: number }
}

/**
 * Watches the size of a workspace. Ten times a second checks how much the file system has grown, which is cheap. Counts
 * the workspace only when that growth could have used up half of what was left, or after one to ten seconds. Between
 * two counts RLIMIT_FSIZE bounds a single file, and the system call filter stops steps from reserving blocks faster
 * than they could write them. A workspace whose files can't be counted is over its limit (fail closed). Rejects when the
 * disk or the processes can't be looked at; the run must then end.
 */
export async function watchWorkspace(options: WatchOptions): Promise<void> {
  const over = new AbortController()
  try {
    const hit = await watchBoth({ ...options, signal: AbortSignal.any([options.signal, over.signal]) })
    if (hit !== null && !options.signal.aborted) options.onHit(hit)
  } finally {
    over.abort()
  }
}

async function watchBoth(options: WatchOptions): Promise<string | null> {
  const { usageOf = usage } = options
  const watched = { ...options, usageOf, start: usageOf(options.path), counted: { bytes: 0, entries: 0 } }
  return Promise.race([watchSize(watched), watchReserve(watched)])
}

async function watchSize(watched: Watched): Promise<string | null> {
  const { path, limitBytes, start, usageOf, signal } = watched
  // An empty file takes an inode, and a file system can run out of inodes, too.
  const entries = start.freeInodes === 0 ? MAX_ENTRIES : Math.min(MAX_ENTRIES, Math.ceil(start.freeInodes / 4))
  let then = start
  let rest = { urgent: 0, busy: 0, quiet: performance.now() + QUIET_MS.least }
  let wasClosed: string | null = null
  while (await awake(POLL_MS, signal)) {
    const at = performance.now()
    const now = usageOf(path)
    /** Part of what was left that may be used up by now; over 1 means that the workspace may be over its limit. */
    const used = Math.max(
      (now.bytes - then.bytes) / Math.max(1, limitBytes - watched.counted.bytes),
      (then.freeInodes - now.freeInodes) / Math.max(1, entries - watched.counted.entries),
    )
    const restUntil = used > 1 ? rest.urgent : wasClosed !== null || used > 1 / 2 ? rest.busy : rest.quiet
    if (at < restUntil) continue
    then = now
    const count = await countAll(watched, { bytes: limitBytes, entries, depth: MAX_DEPTH })
    if (count.unbounded !== null) return `workspace limit: can't be counted (${count.unbounded})`
    // Requires two sightings, because programs close a folder or hide for a moment.
    if (count.closed !== null && wasClosed !== null) return `workspace limit: can't be counted (${count.closed})`
    wasClosed = count.closed
    watched.counted = { bytes: count.bytes, entries: count.entries }
    if (count.bytes > limitBytes) return `workspace limit ${byteSize(limitBytes)}`
    rest = restAfter(performance.now() - at)
  }
  return null
}

/** The times at which the next count may begin, if the last one took so long and ends now. All in ms. */
function restAfter(took: number): { urgent: number; busy: number; quiet: number } {
  const now = performance.now()
  const most = Math.max(QUIET_MS.most, took)
  return {
    urgent: now + took * REST_FACTOR.urgent,
    busy: now + Math.min(most, took * REST_FACTOR.busy),
    quiet: now + Math.min(most, Math.max(QUIET_MS.least, took * REST_FACTOR.quiet)),
  }
}

interface Count {
  bytes: number
  entries: number
  /** Why counting stopped. */
  unbounded: string | null
  /** Folders or processes that this account may not inspect, in words. */
  closed: string | null
}

async function countAll(watched: Watched, bounds: MeasureBounds): Promise<Count> {
  const { path, processes, guest, measureClosed } = watched
  const seen = await measureTree(path, bounds)
  const tree = seen.closed === 0 || seen.bytes > bounds.bytes ? seen : ((await measureClosed(path, bounds)) ?? seen)
  const held = await measureHeldFiles(processes(), lstatSync(path, { bigint: true }).dev, guest)
  const bytes = tree.bytes + held.bytes
  return {
    // Files that are only mapped can't be measured. Assumes that they hold everything that the sandbox may have
    // written.
    bytes: held.unmeasured === 0 ? bytes : Math.max(bytes, mostOf(watched)),
    entries: tree.entries,
    unbounded: tree.unbounded ?? held.unbounded,
    closed: closedPart(tree.closed, held.closed),
  }
}

function closedPart(folders: number, processes: number): string | null {
  if (folders > 0) return `${folders} closed folders`
  return processes > 0 ? `${processes} processes that can't be looked into` : null
}

/** Upper bound of the sandbox's space on the disk, including files that the count can't find. */
function mostOf({ path, start, usageOf, processes }: Watched): number {
  return Math.min(usageOf(path).bytes - start.bytes, bytesWrittenBy(processes()))
}

/**
 * Keeps the machine's disk from filling up, even with files that the count can't find. Once the disk runs short, no
 * sandbox may have more of it than is left for all others. If it keeps filling, every sandbox ends that may have filled
 * it.
 */
async function watchReserve(watched: Watched): Promise<string | null> {
  const { path, limitBytes, start, usageOf, signal } = watched
  const reserve = watched.reserveBytes ?? Math.min(4 * GIB, start.totalBytes / 10)
  while (await awake(POLL_MS, signal)) {
    const now = usageOf(path)
    if (now.availableBytes >= reserve) continue
    const tooMuch = Math.max(watched.counted.bytes, mostOf(watched)) > now.availableBytes
    const unexplained = now.availableBytes < reserve / 2 && now.bytes - start.bytes > limitBytes
    if (tooMuch || unexplained) return `workspace limit: the disk has less than ${byteSize(Math.floor(reserve))} left`
  }
  return null
}

export interface Usage {
  bytes: number
  totalBytes: number
  availableBytes: number
  /** 0 if the file system does not count inodes. */
  freeInodes: number
}

function usage(path: string): Usage {
  const { blocks, bfree, bavail, bsize, ffree } = statfsSync(path)
  return {
    bytes: (blocks - bfree) * bsize,
    totalBytes: blocks * bsize,
    availableBytes: bavail * bsize,
    freeInodes: ffree,
  }
}
