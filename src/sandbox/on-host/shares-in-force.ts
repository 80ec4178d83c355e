import type { BoundsInForce } from './bound-namespaces.ts'
import type { RunShares } from './run-shares.ts'

export interface SharesInForce {
  shares: RunShares
  /** What its namespaces are bounded by. */
  bounded: BoundsInForce
  /** Whether its processes have a user id that nobody else has. */
  ownUid: boolean
  /** What counts the buffers of TCP and UDP sockets, before they are watched; null: nothing does. */
  socketCgroup: string | null
  /** false: its sockets can't be seen from here. */
  socketsWatched: boolean
}

/** What the coverage report says of limits, once what some of them wait for is there. A failure is for whoever awaits it. */
export function inForceOnce<Bounds>(
  bounds: Promise<Bounds>,
  tell: (bounds: Bounds) => Record<string, string>,
): Promise<Record<string, string>> {
  const told = bounds.then(tell)
  told.catch(() => undefined)
  return told
}

/** What the coverage report says of pools that no memory or process limit counts. */
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
