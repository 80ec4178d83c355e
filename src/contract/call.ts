// The types of a service: its call and its answer, both derived from the endpoint's row.
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
  /** Aborts when the client disconnects. */
  readonly signal: AbortSignal
}

/** A call that names its endpoint, from which authorise() takes the permission. */
export type Call<N extends EndpointName> = { [K in N]: CallOf<Endpoints[K]> & { readonly endpoint: K } }[N]

/** `follow`: the first item may take long, so the headers of the response must not wait for it. */
export interface Feed<T> {
  readonly follow: boolean
  readonly items: AsyncIterable<T>
}

/** A download: output, artifacts, diffs. The bytes are attacker-controlled. */
export interface Download {
  /** Suggested file name. */
  readonly name: string
  /** Size in bytes; null if it is not known beforehand. */
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

/** All services by endpoint name: a missing or mistyped service is a compile error. */
export type Services = { readonly [N in EndpointName]: (call: Call<N>) => Promise<Answer<N>> }
