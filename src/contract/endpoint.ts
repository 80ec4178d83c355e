// The shape of an endpoint's row in the contract. Services, server, client and OpenAPI all derive from the rows.
import { z } from 'zod'
import type { EventKind } from '../domain/event.ts'
import type { Permission } from './permissions.ts'

export type AnswerShape =
  | { readonly kind: 'json'; readonly status: 200 | 201 | 202; readonly schema: z.ZodType }
  /**
   * `application/x-ndjson`: one event per line. An empty line is a heartbeat. A line `{"problem": …}` is the last one
   * and means that the stream failed.
   */
  | { readonly kind: 'events' }
  /** The same framing; a line is a LogEntry: an event with its position in the instance's log. */
  | { readonly kind: 'log' }
  | { readonly kind: 'bytes'; readonly type: string }

/** A body that is passed on byte for byte, because a signature covers its bytes. */
export interface RawBody {
  readonly kind: 'bytes'
  /** Required media type. */
  readonly type: string
  readonly maxBytes: number
}

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

export interface Endpoint {
  readonly method: (typeof METHODS)[number]
  /** Path below API_ROOT, with `:name` for each of `params`. */
  readonly path: `/${string}`
  readonly summary: string
  /** The policy action that authorise() checks for the endpoint. */
  readonly permission: Permission
  /** The kind of event that the endpoint writes; null only for endpoints that change nothing. */
  readonly event: EventKind | null
  readonly params: z.ZodObject
  /** Parses strings, or lists of strings, to values. */
  readonly query: z.ZodObject
  readonly body: z.ZodObject | z.ZodDiscriminatedUnion | RawBody | null
  readonly answer: AnswerShape
}

export const API_ROOT = '/api/v1'

/**
 * Header that names the actor, as JSON. Accepted only on transports that only the owner of the data folder can reach.
 */
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
