// Shared parts of the git service: the run's repository, its decisions and its records.
import type { DecisionSummary } from '../../domain/events/fields.ts'
import type { EventBody } from '../../domain/event.ts'
import type { HostGit } from '../../git/host-git.ts'
import type { PackLimits } from '../../git/incoming-pack.ts'
import type { ObjectFormat } from '../../git/object-id.ts'
import type { GatewayContext, GatewayRequest } from '../types.ts'

export interface ServiceParts {
  git: HostGit
  context: GatewayContext
  /** The quarantine: a bare repository of ours. */
  quarantine: string
  baseCommit: string
  format: ObjectFormat
  /** Name of `origin` inside the sandbox. */
  repository: string
  limits: PackLimits
}

export type GatewayEvent =
  | { kind: 'git.fetched'; body: EventBody<'git.fetched'> }
  | { kind: 'git.pushed'; body: EventBody<'git.pushed'> }
  | { kind: 'net.requested'; body: EventBody<'net.requested'> }

/** Rejects when the events could not be written. The caller must then refuse (invariant 3). */
export async function recordEvents({ context }: ServiceParts, events: readonly GatewayEvent[]): Promise<void> {
  const { id, actor } = context.run
  await context.recorder.record(events.map((event) => ({ run: id, source: 'gateway' as const, actor, ...event })))
}

export const REFUSED: DecisionSummary = { allowed: false, reasons: [] }

/** Event for a request that is neither a readable fetch nor a readable push. */
export function requestEvent(
  request: GatewayRequest,
  answer: { status: number; note: string; decision: DecisionSummary; responseBytes?: number },
): GatewayEvent {
  const url = new URL(request.url)
  url.username = ''
  url.password = ''
  const body = {
    method: request.method.slice(0, 32),
    url: url.href.slice(0, 2048),
    service: 'git' as const,
    status: answer.status,
    requestBytes: 0,
    responseBytes: answer.responseBytes ?? 0,
    decision: answer.decision,
    note: answer.note.slice(0, 1000),
  }
  return { kind: 'net.requested', body }
}

/** Asks the policies whether the run may read the repository. */
export async function decideFetch(
  { context, repository }: ServiceParts,
  command: 'ls-refs' | 'fetch',
): Promise<DecisionSummary> {
  return context.authorise({
    action: 'git.fetch',
    resource: { type: 'Repository', id: repository, attributes: { url: repository } },
    context: { mode: context.run.mode, repository, command },
  })
}

/** Why the policies denied a request, for a person or an agent. */
export function denialText(decision: DecisionSummary): string {
  return decision.reasons.length > 0
    ? `denied by policy ${decision.reasons.join(', ')}`
    : 'denied: no policy permits it'
}
