// The HTTP shell: binds the handlers to the contract's rows. It knows no use case.
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { z } from 'zod'
import { API_ROOT, type Endpoint } from '../contract/endpoint.ts'
import { openApiDocument } from '../contract/openapi.ts'
import { ENDPOINT_NAMES, ENDPOINTS } from '../contract/table.ts'
import { type Download, ServiceError, type Services } from '../services/types.ts'
import type { Authenticate } from './authenticate.ts'
import { ASK_HANDLERS } from './ask-handlers.ts'
import { CHANGE_HANDLERS } from './change-handlers.ts'
import { CONNECTION_HANDLERS } from './connection-handlers.ts'
import { CREDENTIAL_HANDLERS } from './credential-handlers.ts'
import type { EventsAnswer, HandlerRequest, Handlers } from './handler.ts'
import { INSTANCE_HANDLERS } from './instance-handlers.ts'
import { POLICY_HANDLERS } from './policy-handlers.ts'
import { misfit, problemOf, problemResponse } from './problem-response.ts'
import { RUN_HANDLERS } from './run-handlers.ts'
import { bytesResponse, eventsResponse } from './stream-response.ts'
import { TASK_HANDLERS } from './task-handlers.ts'

export const MAX_BODY_BYTES = 2 * 1024 * 1024

export interface AppOptions {
  services: Services
  authenticate: Authenticate
  version: string
  /** Hears of what nobody foresaw. */
  onFailure?: (error: unknown) => void
}

const HANDLERS: Handlers = {
  ...RUN_HANDLERS,
  ...ASK_HANDLERS,
  ...CHANGE_HANDLERS,
  ...TASK_HANDLERS,
  ...POLICY_HANDLERS,
  ...CONNECTION_HANDLERS,
  ...CREDENTIAL_HANDLERS,
  ...INSTANCE_HANDLERS,
}

type AnyHandler = (request: HandlerRequest<Endpoint>) => Promise<unknown>

export function createApp(options: AppOptions): Hono {
  const app = new Hono()
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () =>
        problemResponse({ code: 'too-large', message: `A request's body is at most ${MAX_BODY_BYTES} bytes` }),
    }),
  )
  for (const name of ENDPOINT_NAMES) {
    const endpoint: Endpoint = ENDPOINTS[name]
    const handler = HANDLERS[name] as unknown as AnyHandler
    app.on(endpoint.method, API_ROOT + endpoint.path, (c) => answer(options, endpoint, handler, c.req))
  }
  app.get(`${API_ROOT}/openapi.json`, (c) => {
    options.authenticate(c.req.raw)
    return Response.json(openApiDocument(options.version))
  })
  app.notFound(() =>
    problemResponse({ code: 'not-found', message: `There is no such endpoint; ${API_ROOT}/openapi.json lists them` }),
  )
  app.onError((error) => {
    const problem = problemOf(error)
    if (problem.code === 'internal') options.onFailure?.(error)
    return problemResponse(problem)
  })
  return app
}

interface IncomingRequest {
  raw: Request
  param(): Record<string, string>
  queries(): Record<string, string[]>
}

async function answer(
  options: AppOptions,
  endpoint: Endpoint,
  handler: AnyHandler,
  request: IncomingRequest,
): Promise<Response> {
  const actor = options.authenticate(request.raw)
  const abort = new AbortController()
  const result = await handler({
    services: options.services,
    actor,
    params: fit('path', endpoint.params, request.param()),
    query: fit('query', endpoint.query, single(request.queries())),
    body: endpoint.body ? (fit('body', endpoint.body, await readJson(request.raw)) as never) : (null as never),
    signal: AbortSignal.any([abort.signal, request.raw.signal]),
  })
  switch (endpoint.answer.kind) {
    case 'json':
      return Response.json(endpoint.answer.schema.parse(result), {
        status: endpoint.answer.status,
        headers: { 'cache-control': 'no-store' },
      })
    case 'events':
      return eventsResponse(result as EventsAnswer, abort)
    case 'bytes':
      return bytesResponse(result as Download, endpoint.answer.type)
  }
}

function fit<S extends z.ZodType>(place: string, schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw misfit(place, parsed.error)
  return parsed.data
}

/** A name that is given once is a value; a list's schema makes a list of it again. */
function single(queries: Record<string, string[]>): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(queries).map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  )
}

async function readJson(request: Request): Promise<unknown> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    throw new ServiceError('bad-input', 'The body must be application/json')
  }
  try {
    return await request.json()
  } catch {
    throw new ServiceError('bad-input', 'The body is no JSON')
  }
}
