// What agents ask and asked of people.
import type { Actor } from '../../domain/actor.ts'
import type { Ask } from '../../domain/ask.ts'
import { authorise, INSTANCE } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'
import type { AskFilter } from '../types.ts'
import { ServiceError } from '../types.ts'

export async function listAsks(parts: ServiceParts, actor: Actor, filter: AskFilter): Promise<readonly Ask[]> {
  await authorise(parts, actor, { action: 'run.read', resource: INSTANCE, run: null })
  const { prefix, limit, status, run } = filter
  if (prefix === undefined || prefix === '') return (await parts.store.asks.list({ limit, status, run })).items
  const found = await parts.store.asks.find(prefix, limit)
  return found.filter((ask) => (status?.includes(ask.status) ?? true) && (run === undefined || ask.run === run))
}

export async function findAsk({ store }: Pick<ServiceParts, 'store'>, id: string): Promise<Ask> {
  const ask = await store.asks.get(id)
  if (!ask) throw new ServiceError('not-found', `there is no ask ${id}`, { cure: 'see `glovebox ask list`' })
  return ask
}
