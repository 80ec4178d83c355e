// The HTTP shell: binds the services to the endpoints of the contract. It contains no use case itself.
import { Hono } from 'hono'
import type { CallOf, Download, Feed, Services } from '../contract/call.ts'
import { API_ROOT, type Endpoint } from '../contract/endpoint.ts'
import { openApiDocument } from '../contract/openapi.ts'
import { ENDPOINTS } from '../contract/table.ts'
import type { Caller } from '../domain/caller.ts'
import type { Event, LogEntry } from '../domain/event.ts'
import type { Authenticate } from './authenticate.ts'
import { problemOf, problemResponse } from './problem-response.ts'
import { readBody } from './read-body.ts'
import { bodyRule, readCall } from './read-call.ts'
import { bytesResponse, feedResponse } from './stream-response.ts'

export interface AppOptions {
  services: Services
  authenticate: Authenticate
  version: string
  /** Called with every unexpected error. */
  onFailure?: (error: unknown) => void
}

export function createApp(options: AppOptions): Hono {
  const app = bindEndpoints(ENDPOINTS, options.services as unknown as AnyServices, options)
  app.get(`${API_ROOT}/openapi.json`, async (c) => {
    await options.authenticate(c.req.raw)
    return Response.json(openApiDocument(options.version))
  })
  return app
}

export type AnyService = (call: CallOf<Endpoint> & { endpoint: string }) => Promise<unknown>
type AnyServices = Readonly<Record<string, AnyService>>

/** Binds a table of endpoints to services with the same names. */
export function bindEndpoints(
  table: Readonly<Record<string, Endpoint>>,
  services: AnyServices,
  { authenticate, onFailure }: Pick<AppOptions, 'authenticate' | 'onFailure'>,
): Hono {
  const app = new Hono()
  for (const [name, endpoint] of Object.entries(table)) {
    app.on(endpoint.method, API_ROOT + endpoint.path, async (c) => {
      const caller = await authenticate(c.req.raw)
      const abort = new AbortController()
      const call = await callFrom(name, endpoint, caller, c.req, AbortSignal.any([abort.signal, c.req.raw.signal]))
      return respond(endpoint, await services[name]!(call), abort)
    })
  }
  app.notFound(() =>
    problemResponse({ code: 'not-found', message: `There is no such endpoint; ${API_ROOT}/openapi.json lists them` }),
  )
  app.onError((error) => {
    const problem = problemOf(error)
    if (problem.code === 'internal') onFailure?.(error)
    return problemResponse(problem)
  })
  return app
}

interface IncomingRequest {
  raw: Request
  param(): Record<string, string>
  queries(): Record<string, string[]>
}

async function callFrom(
  name: string,
  endpoint: Endpoint,
  caller: Caller,
  request: IncomingRequest,
  signal: AbortSignal,
): Promise<CallOf<Endpoint> & { endpoint: string }> {
  const rule = bodyRule(endpoint)
  const body = rule === null ? null : await readBody(request.raw, rule)
  return readCall(name, endpoint, { caller, params: request.param(), queries: request.queries(), body, signal })
}

function respond(endpoint: Endpoint, result: unknown, abort: AbortController): Promise<Response> | Response {
  switch (endpoint.answer.kind) {
    case 'json':
      return Response.json(endpoint.answer.schema.parse(result), {
        status: endpoint.answer.status,
        headers: { 'cache-control': 'no-store' },
      })
    case 'events':
    case 'log':
      return feedResponse(result as Feed<Event | LogEntry>, abort)
    case 'bytes':
      return bytesResponse(result as Download, endpoint.answer.type)
  }
}
