import type { BoundsInForce } from './bound-namespaces.ts'
import type { RunShares } from './run-shares.ts'

export interface SharesInForce {
  shares: RunShares
  /** Bounds that were set in its namespaces. */
  bounded: BoundsInForce
  /** Whether its processes have a user id that no other process has. */
  ownUid: boolean
  /** Cgroup mechanism that limits the buffers of TCP and UDP sockets; null if there is none. */
  socketCgroup: string | null
  /** false: its sockets are not visible from here. */
  socketsWatched: boolean
}

/**
 * Limits for the coverage report, once all pending bounds are known. A failure reaches only the code that awaits it.
 */
export function inForceOnce<Bounds>(
  bounds: Promise<Bounds>,
  tell: (bounds: Bounds) => Record<string, string>,
): Promise<Record<string, string>> {
  const told = bounds.then(tell)
  told.catch(() => undefined)
  return told
}

/** Coverage report entries for resources that no memory or process limit counts. */
export function sharesInForce(given: SharesInForce): Record<string, string> {
  const { shares, bounded, socketCgroup, socketsWatched } = given
  const watched = socketsWatched ? `watched ${shares.socketBytes} bytes` : 'none'
  return {
    'socket buffers': socketCgroup === null ? watched : `${socketCgroup}, ${watched}`,
    'open files': 'watched: no more than the machine has left',
    terminals: bounded.has('terminals') ? `devpts ${shares.terminals} terminals` : 'none',
    'file watches': fileWatches(given),
    'kernel pools':
      'system call filter: no filters, I/O contexts, reserved blocks, huge pages, leases or IPv6 flow labels',
  }
}

function fileWatches({ shares, bounded, ownUid }: SharesInForce): string {
  if (ownUid) return 'own user id'
  const instances = shares.userSettings['max_inotify_instances']
  if (!bounded.has('max_inotify_instances') || instances === undefined) return 'none: those of the account are shared'
  return `user namespace ${instances} inotify instances of the account`
}
