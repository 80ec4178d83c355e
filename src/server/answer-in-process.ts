// Answers calls of this process with the checks of the HTTP shell, but without HTTP: fetch's classes and the router take
// longer to load than most calls take.
import type { Download, Feed, Services } from '../contract/call.ts'
import type { Transport, WireRequest, WireResponse } from '../contract/client.ts'
import { ACTOR_HEADER } from '../contract/endpoint.ts'
import { type Problem, PROBLEMS } from '../contract/problem.ts'
import { ENDPOINTS } from '../contract/table.ts'
import type { Actor } from '../domain/actor.ts'
import type { Event, LogEntry } from '../domain/event.ts'
import { own } from '../domain/own.ts'
import type { AnyService } from './app.ts'
import { authenticateOwner } from './authenticate.ts'
import { problemOf } from './problem-response.ts'
import { bodyRule, readCall } from './read-call.ts'
import { tooLarge } from './read-body.ts'

export interface InProcessOptions {
  services: Services
  /** Called with every unexpected error. */
  onFailure?: (error: unknown) => void
}

/** The transport of the actor to services in this process. */
export function inProcessTransport({ services, onFailure }: InProcessOptions, actor: Actor): Transport {
  const headers = new Map([[ACTOR_HEADER, JSON.stringify(actor)]])
  return async (request) => {
    try {
      const caller = await authenticateOwner({ headers: { get: (name) => headers.get(name) ?? null } })
      return await answer(services, request, caller)
    } catch (error) {
      const problem = problemOf(error)
      if (problem.code === 'internal') onFailure?.(error)
      return problemAnswer(problem)
    }
  }
}

async function answer(
  services: Services,
  { name, params, queries, body, signal }: WireRequest,
  caller: Awaited<ReturnType<typeof authenticateOwner>>,
): Promise<WireResponse> {
  const endpoint = ENDPOINTS[name]
  const rule = bodyRule(endpoint)
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  if (rule !== null && (bytes?.length ?? 0) > rule.maxBytes) throw tooLarge(rule.maxBytes)
  const abort = new AbortController()
  const signals = signal === null ? abort.signal : AbortSignal.any([abort.signal, signal])
  const call = readCall(name, endpoint, { caller, params, queries, body: bytes, signal: signals })
  const service = own(services, name) as unknown as AnyService
  const result = await service(call)
  switch (endpoint.answer.kind) {
    case 'json':
      return jsonAnswer(endpoint.answer.status, endpoint.answer.schema.parse(result))
    case 'events':
    case 'log':
      return (await import('./stream-response.ts')).feedResponse(result as Feed<Event | LogEntry>, abort)
    case 'bytes':
      return (await import('./stream-response.ts')).bytesResponse(result as Download, endpoint.answer.type)
  }
}

/** What a client of another process would get: values that went through JSON. */
function jsonAnswer(status: number, value: unknown): WireResponse {
  const text = JSON.stringify(value)
  return { status, headers: { get: () => null }, body: null, json: async () => JSON.parse(text) as unknown }
}

function problemAnswer(problem: Problem): WireResponse {
  return jsonAnswer(PROBLEMS[problem.code].status, problem)
}
