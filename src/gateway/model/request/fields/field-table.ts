// Types for the tables of request fields; there is one table per API. A table lists every known field with its effect. Other
// fields are refused, so that a sandbox cannot use a field that a provider adds tomorrow until somebody has reviewed it.
import type { FieldEffect } from '../../../../domain/model-field.ts'
import type { Json } from '../strict-json.ts'

export interface FieldRule {
  effect: FieldEffect
  /** What would happen with this field, as a clause for the text of a refusal. */
  does: string
  /** Values without this effect. `null` never has it. */
  plain: readonly Json[]
  /** Only for `price`: from a value to the published factor on the model's price. */
  times: ReadonlyMap<string, number>
  /** Only for `price`: the factor for all other values. */
  otherwise: number
}

/** From the name of a field, or the type of an item, a part or a tool, to its rule. */
export type FieldTable = ReadonlyMap<string, FieldRule>

/** The factor for a field without a published price: above every published factor of a tier or a speed. */
const UNKNOWN_TIMES = 10

export function plain(...names: readonly string[]): [string, FieldRule][] {
  return names.map((name) => [name, rule('plain', 'it would only shape the answer')])
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
