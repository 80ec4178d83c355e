// Remove a model connection.
import type { Actor } from '../../domain/actor.ts'
import { authorise, INSTANCE } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'

export async function removeConnection(parts: ServiceParts, actor: Actor, name: string): Promise<void> {
  await authorise(parts, actor, { action: 'credential.manage', resource: INSTANCE, run: null })
  await parts.connections.remove(actor, name)
}
