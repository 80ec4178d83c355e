// The refused actions of a run, from its events.
import { type ByteText, printable } from '../../domain/byte-text.ts'
import type { Event, EventKind } from '../../domain/event.ts'
import { shorten } from '../arguments/command-line.ts'
import { allowWords } from './allow-words.ts'

export interface Refusal {
  /** Printable. */
  what: string
  why: string
  times: number
  /** What `policy allow` would permit; absent if a forbid or the gateway itself refused, so that no policy would help. */
  allow?: string
}

/** Most distinct refusals; `omitted` counts the rest, because a run can try any number of times. */
const MAX_REFUSALS = 200

export interface RefusalList {
  refusals: Refusal[]
  omitted: number
}

const NO_POLICY = 'no policy permits it'

/** The kinds of events that refusalOf() looks at. */
export const REFUSAL_KINDS: readonly EventKind[] = [
  'net.requested',
  'net.attempted',
  'git.fetched',
  'git.pushed',
  'policy.decided',
  'model.called',
]

export function refusalOf(event: Event): Omit<Refusal, 'times'> | null {
  switch (event.kind) {
    case 'net.requested': {
      const { method, url, decision, note } = event.body
      if (decision.allowed) return null
      const why = reason(decision.reasons, note)
      const allow = why === NO_POLICY ? allowWords(event.body) : null
      return { what: printable(`${method} ${url}`), why, ...(allow !== null && { allow }) }
    }
    case 'git.pushed': {
      const { accepted, updates, decision } = event.body
      if (accepted) return null
      const results = [...new Set(updates.map((update) => update.result))].join('; ')
      return {
        what: printable(`git push ${updates.map((update) => update.ref).join(' ')}`),
        why: decision.allowed ? printable(results || 'refused') : reason(decision.reasons, results || undefined),
      }
    }
    case 'git.fetched': {
      const { decision, repository } = event.body
      return decision.allowed
        ? null
        : { what: printable(`git fetch ${repository}`), why: reason(decision.reasons, undefined) }
    }
    case 'policy.decided': {
      const { action, resource, allowed, reasons, errors } = event.body
      // The gateway records these again as requests, with more details.
      if (allowed || ['connect', 'git.push', 'git.fetch', 'model.call'].includes(action)) return null
      return { what: printable(`${action} ${resource}`), why: reason(reasons, errors[0]) }
    }
    case 'model.called': {
      const { outcome, refusal, connection, model, path, decision, note } = event.body
      if (outcome !== 'refused') return null
      const why = refusal === 'policy' ? reason(decision.reasons, note ?? undefined) : printable(note ?? `${refusal}`)
      return { what: printable(`model ${connection} ${model || path}`), why }
    }
    case 'net.attempted': {
      const { family, address, port } = event.body
      if (family !== 'inet' && family !== 'inet6') return null
      return isLoopback(address)
        ? null
        : { what: `connect ${printable(address)}:${port}`, why: 'the gateway is the only way out of the sandbox' }
    }
    default:
      return null
  }
}

/** How many requests and other actions were refused, also those that the list omits. */
export function countRefused({ refusals, omitted }: RefusalList): number {
  return refusals.reduce((sum, { times }) => sum + times, omitted)
}

export function addRefusal(list: RefusalList, event: Event): void {
  const found = refusalOf(event)
  if (found !== null) addFound(list, found)
}

export function addFound(list: RefusalList, found: Omit<Refusal, 'times'>): void {
  const same = list.refusals.find((one) => one.what === found.what && one.why === found.why)
  if (same) same.times++
  else if (list.refusals.length < MAX_REFUSALS) list.refusals.push({ ...found, times: 1 })
  else list.omitted++
}

/** Lines for a live view, at most `max`, because a run can cause any number of refusals. */
export function refusalNotes(max: number): (event: Event) => string | null {
  const seen = new Set<string>()
  return (event) => {
    const found = refusalOf(event)
    if (found === null || seen.size > max) return null
    const line = `refused ${shorten(found.what, 200)}: ${shorten(found.why, 200)}`
    if (seen.has(line)) return null
    seen.add(line)
    return seen.size > max ? 'further refusals are only in the trace' : line
  }
}

export function reason(rules: readonly string[], note: string | undefined): string {
  const by = `denied by policy ${rules.join(', ')}`
  const says = note === undefined || note.toLowerCase().replace(/\.$/, '') === NO_POLICY ? '' : note
  // Without a rule, either no policy permits it, or no policy could permit it. The note says which.
  if (rules.length === 0) return printable(says || NO_POLICY)
  return printable(says === '' ? by : `${says} (${by})`)
}

function isLoopback(address: ByteText): boolean {
  return (
    typeof address === 'string' &&
    (address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.'))
  )
}
