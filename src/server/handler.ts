// What a handler gets and gives, derived from the contract: a missing or misfitting one does not compile.
import type { z } from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'
import type { EndpointName, Endpoints } from '../contract/table.ts'
import type { Actor } from '../domain/actor.ts'
import type { Event } from '../domain/event.ts'
import type { Download, Services } from '../services/types.ts'

export interface HandlerRequest<E extends Endpoint> {
  services: Services
  actor: Actor
  params: z.output<E['params']>
  query: z.output<E['query']>
  body: E['body'] extends z.ZodType ? z.output<E['body']> : null
  /** Aborts when whoever asked is gone. */
  signal: AbortSignal
}

/** `follow` says that the first event may be long in coming, so the answer's head must not wait for it. */
export interface EventsAnswer {
  follow: boolean
  events: AsyncIterable<Event>
}

export type HandlerAnswer<E extends Endpoint> = E['answer'] extends { kind: 'json'; schema: infer S extends z.ZodType }
  ? z.input<S>
  : E['answer'] extends { kind: 'events' }
    ? EventsAnswer
    : Download

export type Handlers<N extends EndpointName = EndpointName> = {
  [K in N]: (request: HandlerRequest<Endpoints[K]>) => Promise<HandlerAnswer<Endpoints[K]>>
}
