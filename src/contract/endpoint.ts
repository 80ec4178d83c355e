// The shape of a row of the contract. Services, server, client and OpenAPI derive from the rows; none of them adds to one.
import { z } from 'zod'
import type { EventKind } from '../domain/event.ts'
import type { Permission } from './permissions.ts'

export type AnswerShape =
  | { readonly kind: 'json'; readonly status: 200 | 201 | 202; readonly schema: z.ZodType }
  /**
   * `application/x-ndjson`: one event a line; an empty line is a heartbeat; a line `{"problem": …}` is the last one and
   * ends the stream as an error.
   */
  | { readonly kind: 'events' }
  /** The same framing; a line is a LogEntry: an event with its position in the instance's log. */
  | { readonly kind: 'log' }
  | { readonly kind: 'bytes'; readonly type: string }

/** A body that is taken byte for byte, because a signature covers its bytes. */
export interface RawBody {
  readonly kind: 'bytes'
  /** Media type that the request must name. */
  readonly type: string
  readonly maxBytes: number
}

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

export interface Endpoint {
  readonly method: (typeof METHODS)[number]
  /** Below API_ROOT, with `:name` for each of params. */
  readonly path: `/${string}`
  readonly summary: string
  /** The policy action that the service asks for; authorise() takes it from here. */
  readonly permission: Permission
  /** The kind of event that it writes; every row that changes something has one. */
  readonly event: EventKind | null
  readonly params: z.ZodObject
  /** As on the wire: strings, or lists of strings, to the value. */
  readonly query: z.ZodObject
  readonly body: z.ZodObject | z.ZodDiscriminatedUnion | RawBody | null
  readonly answer: AnswerShape
}

export const API_ROOT = '/api/v1'

/** Says who asks, on transports that only the owner of the data folder can reach: the JSON of an Actor. */
export const ACTOR_HEADER = 'glovebox-actor'

export const NOTHING = z.strictObject({})

export function json<S extends z.ZodType>(schema: S): { kind: 'json'; status: 200; schema: S } {
  return { kind: 'json', status: 200, schema }
}

export function created<S extends z.ZodType>(schema: S): { kind: 'json'; status: 201; schema: S } {
  return { kind: 'json', status: 201, schema }
}

export function isRawBody(body: Endpoint['body']): body is RawBody {
  return body !== null && 'kind' in body && body.kind === 'bytes'
}
