import { CanonicalError, leafAroundSeq } from '../../domain/canonical.ts'
import { EVENT_BODIES, EVENT_VERSION, EventEnvelope, MAX_LEAF_BYTES } from '../../domain/event.ts'
import type { NewEvent, UnplacedEvent } from '../../domain/event.ts'
import { newId } from '../../domain/ids.ts'
import type { IdSource } from '../../domain/ids.ts'
import { RecordError } from './record-error.ts'

/** A validated event: everything but its sequence number is settled. */
export interface PreparedEvent {
  event: UnplacedEvent
  /** The leaf before and after the sequence number. */
  head: string
  tail: string
}

const Envelope = EventEnvelope.pick({ run: true, source: true, actor: true })
const SEQ_DIGITS = String(Number.MAX_SAFE_INTEGER).length

/** Validates an event before it joins a group commit, so that one bad call never fails the calls beside it. */
export function prepareEvent(given: NewEvent, ids: IdSource): PreparedEvent {
  const { kind } = given
  if (!Object.hasOwn(EVENT_BODIES, kind))
    throw new RecordError('unknown-kind', `there is no event kind ${JSON.stringify(kind)}`)
  const envelope = Envelope.safeParse(given)
  if (!envelope.success) throw new RecordError('invalid', `${kind}: ${envelope.error.message}`)
  const body = EVENT_BODIES[kind].safeParse(given.body)
  if (!body.success) throw new RecordError('invalid', `${kind}: ${body.error.message}`)
  const event = {
    ...envelope.data,
    version: EVENT_VERSION,
    id: newId(ids),
    time: ids.now(),
    kind,
    body: body.data,
  } as UnplacedEvent
  return { event, ...leafParts(event) }
}

function leafParts(event: UnplacedEvent): { head: string; tail: string } {
  const parts = canonicalParts(event)
  // Measured with the longest sequence number, so that the same event fits early and late in a run.
  const bytes = Buffer.byteLength(parts.head) + SEQ_DIGITS + Buffer.byteLength(parts.tail)
  if (bytes > MAX_LEAF_BYTES) {
    const size = `${event.kind} is ${bytes} bytes as a leaf of the ledger, more than ${MAX_LEAF_BYTES}`
    throw new RecordError('too-large', `${size}; large values go into blobs`)
  }
  return parts
}

function canonicalParts(event: UnplacedEvent): { head: string; tail: string } {
  try {
    return leafAroundSeq(event)
  } catch (error) {
    if (error instanceof CanonicalError)
      throw new RecordError('not-canonical', `${event.kind}: ${error.message}`, error)
    throw error
  }
}
