// One transaction for all calls of a batch; each call is written or refused.
import type { Kysely } from 'kysely'
import type { Event } from '../../domain/event.ts'
import type { Schema } from '../schema.ts'
import { fenced, holdClaims } from '../tables/claims.ts'
import type { ClaimKey } from '../tables/claims.ts'
import { appendEvents } from './append-events.ts'
import type { Outcome, RecordCall } from './group-commit.ts'

/** Must run inside a transaction. Refuses the calls whose claim is not the current one; the other calls are written. */
export async function commitCalls(db: Kysely<Schema>, calls: readonly RecordCall[]): Promise<Outcome[]> {
  const refused = await lostClaims(db, calls)
  const lost = (call: RecordCall): boolean => call.claim !== null && refused.has(nameOf(call.claim))
  const prepared = calls.filter((call) => !lost(call)).flatMap((call) => call.events)
  const written = prepared.length === 0 ? [] : await appendEvents(db, prepared)
  return outcomesOf(calls, written, lost)
}

function outcomesOf(
  calls: readonly RecordCall[],
  written: readonly Event[],
  lost: (call: RecordCall) => boolean,
): Outcome[] {
  let from = 0
  return calls.map((call) => {
    if (call.claim !== null && lost(call)) return fenced(call.claim)
    from += call.events.length
    return written.slice(from - call.events.length, from)
  })
}

async function lostClaims(db: Kysely<Schema>, calls: readonly RecordCall[]): Promise<ReadonlySet<string>> {
  const named = new Map<string, ClaimKey>()
  for (const { claim } of calls) if (claim !== null) named.set(nameOf(claim), claim)
  const held = await holdClaims(db, [...named.values()])
  return new Set([...named.keys()].filter((_, index) => !held[index]))
}

function nameOf({ run, generation }: ClaimKey): string {
  return `${run} ${generation}`
}
