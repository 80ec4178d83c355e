// One call of an endpoint, as a service gets it, and what the service gives: both derive from the endpoint's row.
import type { z } from 'zod'
import type { Caller } from '../domain/caller.ts'
import type { Event, LogEntry } from '../domain/event.ts'
import type { Endpoint, RawBody } from './endpoint.ts'
import type { EndpointName, Endpoints } from './table.ts'

export interface CallOf<E extends Endpoint> {
  readonly caller: Caller
  readonly params: z.output<E['params']>
  readonly query: z.output<E['query']>
  readonly body: E['body'] extends RawBody ? Uint8Array : E['body'] extends z.ZodType ? z.output<E['body']> : null
  /** Aborts when whoever asked is gone. */
  readonly signal: AbortSignal
}

/** A call that names its row, so that authorise() knows the permission of it. */
export type Call<N extends EndpointName> = { [K in N]: CallOf<Endpoints[K]> & { readonly endpoint: K } }[N]

/** `follow` says that the first item may be long in coming, so the answer's head must not wait for it. */
export interface Feed<T> {
  readonly follow: boolean
  readonly items: AsyncIterable<T>
}

/** Bytes on their way out: output, artifacts, diffs. Attacker-controlled. */
export interface Download {
  /** What a file of it could be called. */
  readonly name: string
  /** Bytes; null when it is not known beforehand. */
  readonly length: number | null
  readonly bytes: AsyncIterable<Uint8Array>
}

export type AnswerOf<E extends Endpoint> = E['answer'] extends { kind: 'json'; schema: infer S extends z.ZodType }
  ? z.input<S>
  : E['answer'] extends { kind: 'events' }
    ? Feed<Event>
    : E['answer'] extends { kind: 'log' }
      ? Feed<LogEntry>
      : Download

export type Answer<N extends EndpointName> = AnswerOf<Endpoints[N]>

/** Every use case by the name of its row: a missing or misfitting one does not compile. */
export type Services = { readonly [N in EndpointName]: (call: Call<N>) => Promise<Answer<N>> }
