// Decisions, publishing and merging of one change wait for each other, in whichever process they happen: the lease is in
// the store. It is renewed while the work goes on, and taken from a process that has ended.
import { setTimeout as sleep } from 'node:timers/promises'
import type { LeaseKey } from '../../store/types.ts'
import type { ServiceParts } from '../parts.ts'
import { ServiceError } from '../types.ts'

export type LeaseParts = Pick<ServiceParts, 'store' | 'ids' | 'processName' | 'workerIsGone'>

const LEASE_MS = 60_000
const RENEW_MS = 15_000
/** A forge that hangs is waited for so long by whoever comes next. */
const PATIENCE_MS = 60_000
const RETRY_MS = 50

/** Rejects with ServiceError `busy` when others work on the change for too long. */
export async function oneAtATime<T>(parts: LeaseParts, change: string, work: () => Promise<T>): Promise<T> {
  const key = await waitForLease(parts, `change ${change}`)
  const renewing = setInterval(() => void renew(parts, key), RENEW_MS)
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
  throw new ServiceError('busy', `somebody else works on ${name}`, { cure: 'try again in a minute' })
}

async function tryLease({ store, ids, processName, workerIsGone }: LeaseParts, name: string): Promise<LeaseKey | null> {
  const held = await store.leases.get(name)
  const gone = held !== null && held.expiresAt > ids.now() && workerIsGone(held.holder)
  return store.transact(async (tx) => {
    if (gone) await tx.leases.release(held)
    return tx.leases.take(name, processName, ids.now(), LEASE_MS)
  })
}

/** One that can't be renewed is lost; what the work then changes, the store holds against its expectations. */
async function renew({ store, ids }: LeaseParts, key: LeaseKey): Promise<void> {
  await store.transact((tx) => tx.leases.renew(key, ids.now(), LEASE_MS)).catch(() => {})
}
