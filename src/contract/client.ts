// The typed client, derived from the endpoint table.
import type { z } from 'zod'
import type { Event, LogEntry } from '../domain/event.ts'
import { API_ROOT, type Endpoint, isRawBody, type RawBody } from './endpoint.ts'
import { decodeEvents, decodeLog } from './event-stream.ts'
import { decodeProblem } from './problem-body.ts'
import { ProblemError } from './problem-error.ts'
import { ENDPOINT_NAMES, ENDPOINTS, type EndpointName, type Endpoints } from './table.ts'

/** Sends one request to the server; resolves with the response whatever its status is. */
export type Transport = (request: WireRequest) => Promise<WireResponse>

/** The part of fetch's Response that the client reads. */
export interface WireResponse {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body: AsyncIterable<Uint8Array> | null
  json(): Promise<unknown>
}

export interface WireRequest extends HttpRequest {
  /** The endpoint and its texts, for a transport in the same process; the others send `method` and `target`. */
  name: EndpointName
  params: Record<string, string>
  queries: Record<string, string[]>
}

export interface HttpRequest {
  method: string
  /** Path with API_ROOT, and query. */
  target: string
  headers: Readonly<Record<string, string>>
  body: string | Uint8Array<ArrayBuffer> | null
  signal: AbortSignal | null
}

export interface DownloadedBytes {
  length: number | null
  bytes: AsyncIterable<Uint8Array>
}

/** Omits a part without fields. (The keys of NOTHING have type `string`.) */
type Part<Name extends string, T> = string extends keyof T
  ? object
  : object extends T
    ? { [K in Name]?: T }
    : { [K in Name]: T }

type Body<E extends Endpoint> = E['body'] extends RawBody
  ? { body: Uint8Array }
  : E['body'] extends z.ZodType
    ? { body: z.input<E['body']> }
    : object

/** The arguments of a client method; the server's parsed form of them is CallOf in call.ts. */
export type Asked<E extends Endpoint> = Part<'params', { [K in keyof z.output<E['params']>]: string | number }> &
  Part<'query', Partial<z.output<E['query']>>> &
  Body<E> & { signal?: AbortSignal }

export type Answered<E extends Endpoint> = E['answer'] extends { kind: 'json'; schema: infer S extends z.ZodType }
  ? z.output<S>
  : E['answer'] extends { kind: 'events' }
    ? AsyncIterable<Event>
    : E['answer'] extends { kind: 'log' }
      ? AsyncIterable<LogEntry>
      : DownloadedBytes

type Arguments<C> = object extends C ? [call?: C] : [call: C]

/** One method per endpoint. A method rejects with ProblemError if the server answers with a problem. */
export type Client = {
  [N in EndpointName]: (...call: Arguments<Asked<Endpoints[N]>>) => Promise<Answered<Endpoints[N]>>
}

export function createClient(transport: Transport): Client {
  return Object.fromEntries(
    ENDPOINT_NAMES.map((name) => [name, (call: AnyCall = {}) => send(transport, name, call)]),
  ) as unknown as Client
}

interface AnyCall {
  params?: Readonly<Record<string, string | number>>
  query?: Readonly<Record<string, unknown>>
  body?: unknown
  signal?: AbortSignal
}

async function send(transport: Transport, name: EndpointName, call: AnyCall): Promise<unknown> {
  const endpoint: Endpoint = ENDPOINTS[name]
  const signal = call.signal ?? null
  const params = Object.fromEntries(Object.entries(call.params ?? {}).map(([key, value]) => [key, String(value)]))
  const queries = queriesOf(call.query ?? {})
  const response = await transport({
    name,
    params,
    queries,
    method: endpoint.method,
    target: API_ROOT + fillPath(endpoint.path, params) + encodeQuery(queries),
    ...encodeBody(endpoint, call.body),
    signal,
  })
  if (response.status < 200 || response.status > 299) throw await decodeProblem(response)
  switch (endpoint.answer.kind) {
    case 'json':
      return readJson(response, endpoint.answer.schema, signal)
    case 'events':
      return decodeEvents(chunksOf(response, signal))
    case 'log':
      return decodeLog(chunksOf(response, signal))
    case 'bytes':
      return { length: lengthOf(response), bytes: chunksOf(response, signal) }
  }
}

function encodeBody({ body: shape }: Endpoint, body: unknown): Pick<WireRequest, 'headers' | 'body'> {
  if (shape === null) return { headers: {}, body: null }
  if (isRawBody(shape)) return { headers: { 'content-type': shape.type }, body: body as Uint8Array<ArrayBuffer> }
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

/** Refuses `.` and `..`, which a URL parser would resolve before the server sees them. They never name a resource. */
function fillPath(path: string, params: Readonly<Record<string, string>>): string {
  return path.replace(/:([a-z]+)/g, (_, name: string) => {
    const value = params[name] ?? ''
    if (['', '.', '..'].includes(value))
      throw new ProblemError({ code: 'not-found', message: `"${value}" is not a valid name` })
    return encodeURIComponent(value)
  })
}

function queriesOf(query: Readonly<Record<string, unknown>>): Record<string, string[]> {
  const lists = Object.entries(query).map(([key, value]): [string, string[]] => [
    key,
    (Array.isArray(value) ? value : [value]).filter((item) => item !== undefined).map(String),
  ])
  return Object.fromEntries(lists.filter(([, values]) => values.length > 0))
}

function encodeQuery(queries: Readonly<Record<string, readonly string[]>>): string {
  const pairs = Object.entries(queries).flatMap(([key, values]) =>
    values.map((value): [string, string] => [key, value]),
  )
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`
}

async function readJson(response: WireResponse, schema: z.ZodType, signal: AbortSignal | null): Promise<unknown> {
  const value: unknown = await response.json().catch((error: unknown) => {
    throw brokenOff(error, signal)
  })
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new ProblemError({
    code: 'internal',
    message: 'The answer does not fit the contract: the server may be of another version',
  })
}

function brokenOff(error: unknown, signal: AbortSignal | null): unknown {
  return signal?.aborted === true
    ? error
    : new ProblemError({ code: 'unavailable', message: 'The answer broke off: the server stopped' })
}

async function* chunksOf(response: WireResponse, signal: AbortSignal | null): AsyncGenerator<Uint8Array> {
  if (response.body === null) return
  try {
    yield* response.body
  } catch (error) {
    throw brokenOff(error, signal)
  }
}

function lengthOf(response: WireResponse): number | null {
  const header = response.headers.get('content-length')
  return header === null ? null : Number(header)
}
