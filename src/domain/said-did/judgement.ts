// The judgement on one row: the call that it belongs to, and the rule that says so.
import type { Candidates, Found } from './candidates.ts'
import { common, union } from './candidates.ts'
import type { Attribution, Rule } from './types.ts'

/** `firm`: based on an announcement, so that descendants inherit it regardless of open windows. */
export interface Judgement extends Attribution {
  firm: boolean
}

const NONE = { calls: [], orNone: false, omitted: 0, early: false, firm: false }

export const START: Judgement = { ...NONE, class: 'start', rule: 'start' }
export const UNANNOUNCED: Judgement = { ...NONE, class: 'unannounced', rule: 'none' }

export function upkeep(rule: 'model' | 'own-files' | 'own-connect' | 'habit'): Judgement {
  return { ...NONE, class: 'upkeep', rule }
}

export function ofCall(call: number, rule: Rule, more: { early?: boolean; firm?: boolean } = {}): Judgement {
  return { ...NONE, class: 'call', calls: [call], rule, ...more }
}

export function tie({ calls, omitted }: Candidates, rule: Rule, more: Partial<Judgement> = {}): Judgement {
  return { ...NONE, class: 'tie', calls: calls.toSorted((a, b) => a - b), omitted, rule, ...more }
}

/** One candidate gives `call`, several give `tie`, none gives `unannounced`. */
export function oneOf(candidates: Candidates, one: Rule, several: Rule, more: Partial<Judgement> = {}): Judgement {
  const [first, second] = candidates.calls
  if (first === undefined) return UNANNOUNCED
  if (second === undefined && candidates.omitted === 0) return { ...ofCall(first, one), ...more }
  return tie(candidates, several, more)
}

/** The judgement by time windows alone. */
export function byWindow({ calls, omitted, next }: Found): Judgement {
  if (next === null) return oneOf({ calls, omitted }, 'window', 'windows')
  return tie(union({ calls, omitted }, { calls: [next], omitted: 0 }), 'opening', { orNone: calls.length === 0 })
}

/** `from`: the judgement of the parent or process; `found`: the candidates by window at this moment. */
export function inherited(from: Judgement, found: Found, alone: 'parent' | 'process'): Judgement {
  if (from.class === 'upkeep') return { ...from, rule: 'process' }
  if (from.firm) return { ...from, rule: alone === 'parent' ? 'under' : 'process' }
  const now = byWindow(found)
  if (now.class === 'unannounced') return { ...from, rule: alone }
  if (from.class === 'unannounced') return { ...now, class: 'tie', orNone: true, rule: 'or-window' }
  const both = common(from, now)
  if (both.length > 0 && found.next === null) return oneOf({ calls: both, omitted: 0 }, 'window', 'windows')
  const either = union(from, now)
  // Both may name the same call: that of the parent, which is also the one that is announced next.
  return from.orNone ? tie(either, 'or-window', { orNone: true }) : oneOf(either, 'window', 'or-window')
}

export function attributionOf(judgement: Judgement): Attribution {
  const { class: where, calls, orNone, omitted, early, rule } = judgement
  return { class: where, calls, orNone, omitted, early, rule }
}
