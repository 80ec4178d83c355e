// The projection of tokens and cost per model call. It is updated in the transaction that writes the events, so that
// budgets agree with the record.
import type { Kysely } from 'kysely'
import type { Event } from '../../domain/event.ts'
import type { ModelUsageRow, Schema } from '../schema.ts'
import { INSTANCE } from '../schema.ts'
import type { Projection } from './projection.ts'
import type { UsageScope, UsageSum } from '../types.ts'

export const modelUsage: Projection = { name: 'model usage', tables: ['model_usage'], apply }

async function apply(db: Kysely<Schema>, events: readonly Event[]): Promise<void> {
  for (const event of events) {
    const row = rowOf(event)
    if (row === null) continue
    const { tokens, cost_micros } = row
    await db
      .insertInto('model_usage')
      .values(row)
      .onConflict((conflict) => conflict.column('call').doUpdateSet({ tokens, cost_micros }))
      .execute()
  }
}

/** A call counts as its reservation until its `model.called` is recorded, also if Glovebox crashes in between. */
function rowOf(event: Event): ModelUsageRow | null {
  const run = event.run ?? INSTANCE
  if (event.kind === 'model.asked') {
    const { call, reservedTokens, reservedCostMicros, currency } = event.body
    return { call, run, time: event.time, tokens: reservedTokens, cost_micros: reservedCostMicros ?? 0, currency }
  }
  if (event.kind === 'model.called' && event.body.outcome !== 'refused') {
    const { call, countedTokens, costMicros, currency } = event.body
    return { call, run, time: event.time, tokens: countedTokens, cost_micros: costMicros ?? 0, currency }
  }
  return null
}

export async function sumUsage(
  db: Kysely<Schema>,
  { run, since }: UsageScope,
  currency: string,
  except: readonly string[],
): Promise<UsageSum> {
  let query = db
    .selectFrom('model_usage')
    .select((select) => [
      select.fn.sum<number | null>('tokens').as('tokens'),
      select.fn.sum<number | null>('cost_micros').filterWhere('currency', '=', currency).as('costMicros'),
      select.fn.countAll<number>().filterWhere('tokens', '>', 0).as('calls'),
    ])
  if (run !== undefined) query = query.where('run', '=', run)
  if (since !== undefined) query = query.where('time', '>=', since)
  if (except.length > 0) query = query.where('call', 'not in', [...except])
  const row = await query.executeTakeFirst()
  return { tokens: row?.tokens ?? 0, costMicros: row?.costMicros ?? 0, calls: row?.calls ?? 0 }
}
