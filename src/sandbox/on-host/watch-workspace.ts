import { lstatSync, statfsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { byteSize } from './byte-size.ts'
import { measureHeldFiles } from './held-files.ts'
import { measureTree } from './measure-tree.ts'

export interface WatchOptions {
  path: string
  limitBytes: number
  /** The processes of the sandbox, as far as they are known. */
  processes: () => readonly number[]
  /** Called once, with the name of the limit. The watch is over then. */
  onHit: (limit: string) => void
  signal: AbortSignal
}

const POLL_MS = 250
const MAX_QUIET_MS = 10_000
/** Counting takes at most one part in this many of the time. */
const REST_FACTOR = 10
const MAX_ENTRIES = 2_000_000
const MAX_DEPTH = 512
const GIB = 1024 ** 3

/**
 * Looks four times a second how much the file system has grown, which is cheap, and counts the workspace only when
 * that growth could have used up half of what was left, or after ten seconds. Between two counts RLIMIT_FSIZE bounds
 * a single file. The workspace that can't be counted is over its limit (fail closed).
 */
export async function watchWorkspace(options: WatchOptions): Promise<void> {
  const over = new AbortController()
  const watched = { ...options, signal: AbortSignal.any([options.signal, over.signal]) }
  const hit = await Promise.race([watchSize(watched), watchReserve(watched)]).catch(
    (error: Error) => `workspace limit: can't be counted (${error.message})`,
  )
  over.abort()
  if (hit !== null && !options.signal.aborted) options.onHit(hit)
}

async function watchSize({ path, limitBytes, processes, signal }: WatchOptions): Promise<string | null> {
  const start = usage(path)
  // An empty file takes no space but an inode, and those of a file system run out, too.
  const entries = start.freeInodes === 0 ? MAX_ENTRIES : Math.min(MAX_ENTRIES, Math.ceil(start.freeInodes / 4))
  const { dev } = lstatSync(path, { bigint: true })
  let counted = { bytes: 0, entries: 0 }
  let then = start
  let countedAt = performance.now()
  let restUntil = 0
  while (await awake(signal)) {
    const at = performance.now()
    const now = usage(path)
    const due =
      now.bytes - then.bytes > (limitBytes - counted.bytes) / 2 ||
      then.freeInodes - now.freeInodes > (entries - counted.entries) / 2 ||
      at - countedAt > MAX_QUIET_MS
    if (!due || at < restUntil) continue
    then = now
    const size = await measureTree(path, { bytes: limitBytes, entries, depth: MAX_DEPTH })
    const held = await measureHeldFiles(processes(), dev)
    const unbounded = size.unbounded ?? held.unbounded
    if (unbounded !== null) return `workspace limit: can't be counted (${unbounded})`
    counted = { bytes: size.bytes + held.bytes, entries: size.entries }
    if (counted.bytes > limitBytes) return `workspace limit ${byteSize(limitBytes)}`
    countedAt = performance.now()
    restUntil = countedAt + (countedAt - at) * REST_FACTOR
  }
  return null
}

/**
 * The last line: whatever hides from the count, the machine's disk does not fill up. Only when it has grown by more
 * than this sandbox may use, so that a disk which was full before does not end every run.
 */
async function watchReserve({ path, limitBytes, signal }: WatchOptions): Promise<string | null> {
  const start = usage(path)
  const reserve = Math.min(4 * GIB, start.totalBytes / 20)
  while (await awake(signal)) {
    const now = usage(path)
    if (now.availableBytes < reserve && now.bytes - start.bytes > limitBytes)
      return `workspace limit: the disk has less than ${byteSize(Math.floor(reserve))} left`
  }
  return null
}

/** false when the watch is over. */
async function awake(signal: AbortSignal): Promise<boolean> {
  await sleep(POLL_MS, undefined, { signal, ref: false }).catch(() => undefined)
  return !signal.aborted
}

interface Usage {
  bytes: number
  totalBytes: number
  availableBytes: number
  /** 0 where the file system does not count them. */
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
