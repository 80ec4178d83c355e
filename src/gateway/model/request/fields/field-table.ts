// What the fields of requests do, per API. The tables name every field that is understood; whatever is not in a table is
// refused, so that a field that a provider adds tomorrow is closed to a sandbox until somebody has looked at it.
import type { FieldEffect } from '../../../../domain/model-field.ts'
import type { Json } from '../strict-json.ts'

export interface FieldRule {
  effect: FieldEffect
  /** What the field does, for refusals and the documentation. */
  does: string
  /** Values that do nothing of the kind. `null` never does. */
  plain: readonly Json[]
  /** Only `price`: how many times the model's price a value costs, as far as that is published. */
  times: ReadonlyMap<string, number>
  /** Only `price`: for any other value. */
  otherwise: number
}

/** By name of the field, or by type of an item, a part or a tool. */
export type FieldTable = ReadonlyMap<string, FieldRule>

/** Dearer than anything that providers publish: for what has a price that nobody here knows. */
const UNKNOWN_TIMES = 10

export function plain(...names: readonly string[]): [string, FieldRule][] {
  return names.map((name) => [name, rule('plain', 'shapes the answer')])
}

export function price(
  name: string,
  does: string,
  more: { plain?: readonly Json[]; times?: Readonly<Record<string, number>>; otherwise?: number } = {},
): [string, FieldRule] {
  const times = new Map(Object.entries(more.times ?? {}))
  return [name, { ...rule('price', does, more.plain), times, otherwise: more.otherwise ?? UNKNOWN_TIMES }]
}

export function state(name: string, does: string, values: readonly Json[] = []): [string, FieldRule] {
  return [name, rule('state', does, values)]
}

export function outlives(name: string, does: string, values: readonly Json[] = []): [string, FieldRule] {
  return [name, rule('outlives', does, values)]
}

export function server(name: string, does: string, values: readonly Json[] = []): [string, FieldRule] {
  return [name, rule('server', does, values)]
}

function rule(effect: FieldEffect, does: string, values: readonly Json[] = []): FieldRule {
  return { effect, does, plain: values, times: new Map(), otherwise: 1 }
}
