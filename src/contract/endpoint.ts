// The shape of a row of the contract. Handlers, client and OpenAPI derive from the rows; none of them adds to one.
import { z } from 'zod'
import type { EventKind } from '../domain/event.ts'
import type { Permission } from './permissions.ts'

export type Answer =
  | { readonly kind: 'json'; readonly status: 200 | 201 | 202; readonly schema: z.ZodType }
  /** `application/x-ndjson`: one event a line; a line `{"problem": …}` is the last one and ends the stream as an error. */
  | { readonly kind: 'events' }
  | { readonly kind: 'bytes'; readonly type: string }

export interface Endpoint {
  readonly method: 'GET' | 'POST'
  /** Below API_ROOT, with `:name` for each of params. */
  readonly path: `/${string}`
  readonly summary: string
  /** The policy action that the use case asks for. */
  readonly permission: Permission
  /** The kind of event that it writes; every POST that changes something has one. */
  readonly event: EventKind | null
  readonly params: z.ZodObject
  /** As on the wire: strings, or lists of strings, to the value. */
  readonly query: z.ZodObject
  readonly body: z.ZodObject | null
  readonly answer: Answer
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
