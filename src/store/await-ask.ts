import { setTimeout } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Ask } from '../domain/ask.ts'
import { Bell } from './events/wake-ups.ts'
import type { WakeUps } from './events/wake-ups.ts'
import type { Schema } from './schema.ts'
import { StoreError } from './store-error.ts'
import { asks } from './tables/asks.ts'

/** Pause between two looks, in ms: a busy run rings often, and each look is a query. */
const PAUSE_MS = 20

/** Resolves with the ask once any process has closed it; null if no such ask exists. Rejects when the signal aborts. */
export async function awaitAsk(
  reader: Kysely<Schema>,
  wakeUps: WakeUps,
  id: string,
  signal: AbortSignal,
): Promise<Ask | null> {
  const { get } = asks.reads(reader)
  const ask = await get(id)
  if (ask === null) return null
  using bell = new Bell(wakeUps, ask.run, signal)
  for (;;) {
    signal.throwIfAborted()
    if (wakeUps.closed) throw new StoreError('closed', 'the store was closed while an ask was waited for')
    const current = await get(id)
    if (current?.status !== 'open') return current
    await bell.rung()
    await setTimeout(PAUSE_MS)
  }
}
