// Lease that serialises decisions, publishing and merging of one change across processes. It lives in the store, is
// renewed during the work, and is taken from a process that has ended.
import { setTimeout as sleep } from 'node:timers/promises'
import type { LeaseKey } from '../../store/types.ts'
import type { ServiceParts } from '../parts.ts'
import { ServiceError } from '../types.ts'

export type LeaseParts = Pick<ServiceParts, 'store' | 'ids' | 'processName' | 'workerIsGone'>

const LEASE_MS = 60_000
const RENEW_MS = 15_000
/** Time, in ms, that the next caller waits, for example for a hanging forge. */
const PATIENCE_MS = 60_000
const RETRY_MS = 50

/** Runs `work` under the lease. Rejects with ServiceError `busy` when others hold the lease for too long. */
export async function oneAtATime<T>(parts: LeaseParts, change: string, work: () => Promise<T>): Promise<T> {
  const key = await waitForLease(parts, `change ${change}`)
  // If the renewal fails the lease is lost, and the store refuses later writes that do not match its expected state.
  const renewing = setInterval(() => void renew(parts, key).catch(() => undefined), RENEW_MS)
  try {
    return await work()
  } finally {
    clearInterval(renewing)
    await parts.store.transact((tx) => tx.leases.release(key)).catch(() => {})
  }
}

async function waitForLease(parts: LeaseParts, name: string): Promise<LeaseKey> {
  for (const giveUp = performance.now() + PATIENCE_MS; performance.now() < giveUp; await sleep(RETRY_MS)) {
    const key = await tryLease(parts, name)
    if (key !== null) return key
  }
  throw new ServiceError('busy', `another process is working on ${name}`, { cure: 'try again in a minute' })
}

async function tryLease({ store, ids, processName, workerIsGone }: LeaseParts, name: string): Promise<LeaseKey | null> {
  const held = await store.leases.get(name)
  const gone = held !== null && held.expiresAt > ids.now() && workerIsGone(held.holder)
  return store.transact(async (tx) => {
    if (gone) await tx.leases.release(held)
    return tx.leases.take(name, processName, ids.now(), LEASE_MS)
  })
}

function renew({ store, ids }: LeaseParts, key: LeaseKey): Promise<void> {
  return store.transact((tx) => tx.leases.renew(key, ids.now(), LEASE_MS))
}
