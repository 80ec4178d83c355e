import { z } from 'zod'

/**
 * The identity behind an action. `id` is `user:<name>` (a person), `service:<name>` (automation), `run:<id>` (code in a
 * sandbox) or `system:<part>` (Glovebox itself). `via` is the person in whose terminal a service acted.
 */
export const Actor = z.object({
  id: z.string().regex(/^(user|service|run|system):[A-Za-z0-9._@+-]{1,128}$/),
  via: z.string().optional(),
})
export type Actor = z.infer<typeof Actor>

export type ActorKind = 'user' | 'service' | 'run' | 'system'

export function actorKind(actor: Actor): ActorKind {
  return actor.id.slice(0, actor.id.indexOf(':')) as ActorKind
}

export function actorName(actor: Actor): string {
  return actor.id.slice(actor.id.indexOf(':') + 1)
}

export const RUNNER: Actor = { id: 'system:runner' }
