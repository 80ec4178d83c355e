// Reads a call from the texts of a request: each part must fit the schema of its endpoint.
import type { z } from 'zod'
import type { CallOf } from '../contract/call.ts'
import { type Endpoint, isRawBody } from '../contract/endpoint.ts'
import type { Caller } from '../domain/caller.ts'
import { ServiceError } from '../services/types.ts'
import { misfit } from './problem-response.ts'
import type { BodyRule } from './read-body.ts'

export const MAX_BODY_BYTES = 2 * 1024 * 1024

/** A call before its texts are checked against the endpoint. */
export interface UnreadCall {
  caller: Caller
  params: Record<string, string>
  queries: Record<string, string[]>
  /** Bytes that follow bodyRule(); null if the endpoint has no body. */
  body: Uint8Array | null
  signal: AbortSignal
}

/** null: the endpoint has no body. */
export function bodyRule({ body }: Endpoint): BodyRule | null {
  if (body === null) return null
  return isRawBody(body) ? body : { type: 'application/json', maxBytes: MAX_BODY_BYTES }
}

/** Throws ServiceError `bad-input`. */
export function readCall(
  name: string,
  endpoint: Endpoint,
  { caller, params, queries, body, signal }: UnreadCall,
): CallOf<Endpoint> & { endpoint: string } {
  return {
    endpoint: name,
    caller,
    params: fit('path', endpoint.params, params),
    query: fit('query', endpoint.query, single(queries)),
    body: readBodyOf(endpoint, body ?? new Uint8Array()) as never,
    signal,
  }
}

function readBodyOf({ body }: Endpoint, bytes: Uint8Array): unknown {
  if (body === null) return null
  return isRawBody(body) ? bytes : fit('body', body, parseJson(bytes))
}

function fit<S extends z.ZodType>(place: string, schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw misfit(place, parsed.error)
  return parsed.data
}

/** A parameter that is given once becomes a plain value; the schema of a list turns it into a list again. */
function single(queries: Record<string, string[]>): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(queries).map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  )
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new ServiceError('bad-input', 'The body is not JSON')
  }
}
