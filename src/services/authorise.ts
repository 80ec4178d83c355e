// Asks the policies for a person or a service. What changes something is recorded whatever the answer; of what only
// reads, denials are (a reader of a trace would otherwise grow it by reading).
import type { Actor } from '../domain/actor.ts'
import { actorKind, actorName } from '../domain/actor.ts'
import type { DecisionSummary } from '../domain/events/fields.ts'
import type { Attributes, EntityRef } from '../policy/types.ts'
import { ServiceError } from './types.ts'
import type { ServiceParts } from './parts.ts'

export interface Question {
  action: string
  resource: EntityRef
  context?: Attributes
  /** The run in whose trace the answer belongs; null: the instance's own. */
  run: string | null
}

const READS = new Set([
  'run.read',
  'change.read',
  'task.read',
  'policy.read',
  'instance.read',
  'audit.read',
  'credential.read',
  'connection.read',
])

export const INSTANCE: EntityRef = { type: 'Instance', id: 'glovebox', attributes: {} }

/** Rejects with ServiceError `refused`; resolves with the ids of the policies that permitted it. */
export async function authorise(parts: ServiceParts, actor: Actor, question: Question): Promise<DecisionSummary> {
  const context = { actor: actor.id, ...(actor.via ? { via: actor.via } : {}), ...question.context }
  const principal = principalOf(actor, parts.declaredServices)
  const { allowed, reasons, errors } = parts.policy.decide({
    principal,
    action: question.action,
    resource: question.resource,
    context,
  })
  if (!allowed || !READS.has(question.action)) {
    const resource = `${question.resource.type}::${question.resource.id}`.slice(0, 4096)
    const body = { action: question.action, resource, allowed, reasons: [...reasons], errors: [...errors] }
    await parts.store.record([{ run: question.run, source: 'platform', actor, kind: 'policy.decided', body }])
  }
  if (!allowed) throw refusal(actor, question, reasons, errors)
  return { allowed, reasons }
}

function refusal(
  actor: Actor,
  { action, resource }: Question,
  reasons: readonly string[],
  errors: readonly string[],
): ServiceError {
  const why = reasons.length > 0 ? `policy ${reasons.join(', ')} forbids it` : 'no policy permits it'
  return new ServiceError('refused', `${actor.id} may not ${plainly(action, resource)}: ${why}`, {
    details: errors.map((error) => `error while deciding: ${error}`),
    cure: 'see `glovebox policy list` for what the policies say',
  })
}

/** `change.approve` on a change is `approve change <id>`; `run.start` on a repository `start run on repository <path>`. */
function plainly(action: string, { type, id }: EntityRef): string {
  const [object = '', verb = ''] = action.split('.')
  const kind = type.toLowerCase()
  if (kind === object) return `${verb} ${object} ${id}`
  return kind === 'instance' ? `${verb} ${object}` : `${verb} ${object} on ${kind} ${id}`
}

function principalOf(actor: Actor, declaredServices: readonly string[]): EntityRef {
  const name = actorName(actor)
  switch (actorKind(actor)) {
    case 'user':
      return { type: 'User', id: name, attributes: { name } }
    case 'service': {
      const attributes = { name, declared: declaredServices.includes(name) }
      return {
        type: 'Service',
        id: name,
        attributes: actor.via === undefined ? attributes : { ...attributes, via: actor.via },
      }
    }
    default:
      throw new ServiceError('unauthenticated', `${actor.id} is neither a person nor a service`)
  }
}
