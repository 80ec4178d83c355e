// What the parts of the git service share: the run's repository, and how it decides and records.
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
  /** `origin` as the sandbox knows it. */
  repository: string
  limits: PackLimits
}

export type GatewayEvent =
  | { kind: 'git.fetched'; body: EventBody<'git.fetched'> }
  | { kind: 'git.pushed'; body: EventBody<'git.pushed'> }
  | { kind: 'net.requested'; body: EventBody<'net.requested'> }

/** Rejects when nothing was written: the caller then refuses (invariant 3). */
export async function recordEvents({ context }: ServiceParts, events: readonly GatewayEvent[]): Promise<void> {
  const { id, actor } = context.run
  await context.recorder.record(events.map((event) => ({ run: id, source: 'gateway' as const, actor, ...event })))
}

export const REFUSED: DecisionSummary = { allowed: false, reasons: [] }

/** A request that is no fetch and no push, or not a readable one. */
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

/** One question about reading the repository. */
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

/** Why the policies said no, for a person or an agent. */
export function denialText(decision: DecisionSummary): string {
  return decision.reasons.length > 0
    ? `denied by policy ${decision.reasons.join(', ')}`
    : 'denied: no policy permits it'
}
