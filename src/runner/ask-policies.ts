// A policy question for a person or a service, and the record of its answer.
import type { Actor } from '../domain/actor.ts'
import { principalOf, type Asker } from '../policy/principal.ts'
import type { Attributes, EntityRef, PolicyDecision, PolicyEngine } from '../policy/types.ts'
import type { Recorder } from '../store/types.ts'

export interface AskingParts {
  policy: Pick<PolicyEngine, 'decide'>
  store: Recorder
  declaredServices: readonly string[]
}

export interface PolicyAsk {
  action: string
  resource: EntityRef
  context?: Attributes | undefined
}

/** Decides without a record. Denies every actor that is neither a person nor a service. */
export function decideFor(
  { policy, declaredServices }: Omit<AskingParts, 'store'>,
  asker: Asker,
  { action, resource, context }: PolicyAsk,
): PolicyDecision {
  const { actor } = asker
  const principal = principalOf(asker, declaredServices)
  if (principal === null)
    return { allowed: false, reasons: [], errors: [`${actor.id} is neither a person nor a service`] }
  const known = { actor: actor.id, ...(actor.via ? { via: actor.via } : {}), ...context }
  return policy.decide({ principal, action, resource, context: known })
}

/**
 * Decides and records. `run`: the run whose trace gets the answer; null: the instance's own trace. `recorded`: answers
 * to record.
 */
export async function askPolicies(
  parts: AskingParts,
  asker: Asker,
  ask: PolicyAsk & { run: string | null },
  recorded: (decision: PolicyDecision) => boolean = () => true,
): Promise<PolicyDecision> {
  const decision = decideFor(parts, asker, ask)
  if (!recorded(decision)) return decision
  const { allowed, reasons, errors } = decision
  const resource = `${ask.resource.type}::${ask.resource.id}`.slice(0, 4096)
  const body = { action: ask.action, resource, allowed, reasons: [...reasons], errors: [...errors] }
  await parts.store.record([{ run: ask.run, source: 'platform', actor: asker.actor, kind: 'policy.decided', body }])
  return decision
}

/** Sentence that says who may not do what, and by which policy. */
export function refusalText(actor: Actor, { action, resource }: PolicyAsk, { reasons }: PolicyDecision): string {
  const why = reasons.length > 0 ? `policy ${reasons.join(', ')} forbids it` : 'no policy permits it'
  return `${actor.id} may not ${plainly(action, resource)}: ${why}`
}

/**
 * `change.approve` on a change is `approve change <id>`; `run.start` on a repository `start run on repository <path>`.
 */
function plainly(action: string, { type, id }: EntityRef): string {
  const [object = '', verb = ''] = action.split('.')
  const kind = type.toLowerCase()
  if (kind === object) return `${verb} ${object} ${id}`
  return kind === 'instance' ? `${verb} ${object}` : `${verb} ${object} on ${kind} ${id}`
}
