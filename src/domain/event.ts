// All event kinds, one row each, and the envelope of an event. docs/events.md is generated from them.
import { z } from 'zod'
import { Actor, RUNNER } from './actor.ts'
import { AGENT_EVENTS, ASK_EVENTS } from './events/agent.ts'
import { CREDENTIAL_EVENTS } from './events/credentials.ts'
import { GATEWAY_EVENTS } from './events/gateway.ts'
import { KERNEL_EVENTS } from './events/kernel.ts'
import { MODEL_EVENTS } from './events/model.ts'
import { PLATFORM_EVENTS } from './events/platform.ts'
import { ID_PATTERN } from './ids.ts'

export const EVENT_BODIES = {
  ...KERNEL_EVENTS,
  ...GATEWAY_EVENTS,
  ...MODEL_EVENTS,
  ...PLATFORM_EVENTS,
  ...CREDENTIAL_EVENTS,
  ...ASK_EVENTS,
  ...AGENT_EVENTS,
} as const

export type EventKind = keyof typeof EVENT_BODIES
export type EventBody<K extends EventKind> = z.infer<(typeof EVENT_BODIES)[K]>

export const EVENT_KINDS = Object.keys(EVENT_BODIES) as readonly EventKind[]

/** The part of the system that attests an event. */
export const EventSource = z.enum(['kernel', 'gateway', 'platform', 'agent'])
export type EventSource = z.infer<typeof EventSource>

/** An event as passed to record(); the store adds id, seq and time. */
export type NewEvent = {
  [K in EventKind]: {
    run: string | null
    source: EventSource
    actor: Actor
    kind: K
    body: EventBody<K>
  }
}[EventKind]

/** An event with `source: platform`, for callers that record it together with a mutation. */
export function platformEvent<K extends EventKind>(
  run: string,
  kind: K,
  body: EventBody<K>,
  actor: Actor = RUNNER,
): NewEvent {
  return { run, source: 'platform', actor, kind, body } as NewEvent
}

/**
 * One recorded fact. `seq` counts from 1 without a gap within a run; completeness is checked by it. Facts of the
 * instance (`run: null`) have a sequence of their own. `time` is milliseconds since the epoch.
 */
export const EventEnvelope = z.object({
  version: z.int().positive().describe('version of the envelope and of the event kinds; now 1'),
  id: z.string().regex(ID_PATTERN).describe('sorts by time; unique in the instance'),
  run: z.string().regex(ID_PATTERN).nullable().describe('null: a fact of the instance'),
  seq: z.int().positive().describe('counts from 1 without a gap within the run'),
  time: z.int().nonnegative().describe('milliseconds since the epoch, when it was recorded'),
  source: EventSource.describe('the part of the system that attests the event'),
  actor: Actor.describe('the actor who caused the event'),
  kind: z.enum(EVENT_KINDS as [EventKind, ...EventKind[]]),
  body: z.record(z.string(), z.unknown()).describe('the fields of the kind'),
})

/** Version of the envelope that this code writes. A reader skips fields and kinds that it does not know. */
export const EVENT_VERSION = 1

/** An event without its sequence number. */
export type UnplacedEvent = NewEvent & { version: number; id: string; time: number }

export type Event = UnplacedEvent & { seq: number }

/** An event with its position in the log of the instance. */
export interface LogEntry {
  /** Counts from 1 without a gap, in commit order. It is the index of the leaf in the ledger plus one. */
  position: number
  event: Event
}

/** Largest leaf of the ledger, in bytes; larger values go into blobs. */
export const MAX_LEAF_BYTES = 65_535
