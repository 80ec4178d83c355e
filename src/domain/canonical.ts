// Canonical JSON (RFC 8785): each value has exactly one form in bytes, so that its digest identifies it. The leaf in
// the ledger is the canonical form of an event.
import canonicalize from 'canonicalize'
import type { Event, UnplacedEvent } from './event.ts'

export class CanonicalError extends Error {
  readonly code: 'lone-surrogate' | 'not-finite' | 'not-json'
  constructor(code: CanonicalError['code'], message: string) {
    super(message)
    this.name = 'CanonicalError'
    this.code = code
  }
}

/** Omits undefined members, like JSON.stringify. Throws CanonicalError for anything else that is not JSON. */
export function canonicalJson(value: unknown): string {
  refuseWhatIsNoJson(value, '$', 0)
  const text = canonicalize(value)
  if (text === undefined) throw new CanonicalError('not-json', 'the value has no JSON form')
  return text
}

/** The bytes (UTF-8) of an event that the ledger hashes. */
export function eventLeaf(event: Event): Uint8Array {
  return new TextEncoder().encode(canonicalJson(event))
}

/**
 * The leaf without the sequence number: `${head}${seq}${tail}` is the canonical form. In canonical key order `seq`
 * comes between `run` and `source`, so both parts can be computed before the store knows the number.
 */
export function leafAroundSeq(event: UnplacedEvent): { head: string; tail: string } {
  const { source, time, version, ...before } = event
  const after = canonicalJson({ source, time, version })
  return { head: `${canonicalJson(before).slice(0, -1)},"seq":`, tail: `,${after.slice(1)}` }
}

const MAX_DEPTH = 64

// A check of our own, since the canonicalizer turns a hole in an array into null, calls toJSON, and names no place. A
// record must not contain guesses.
function refuseWhatIsNoJson(value: unknown, at: string, depth: number): void {
  if (depth > MAX_DEPTH) throw new CanonicalError('not-json', `${at} is nested more than ${MAX_DEPTH} deep`)
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw halfAPair(at)
      return
    case 'number':
      if (!Number.isFinite(value)) throw new CanonicalError('not-finite', `${at} is ${value}, which JSON cannot carry`)
      return
    case 'boolean':
      return
    case 'object':
      break
    default:
      throw new CanonicalError('not-json', `${at} is ${typeof value}, which JSON cannot carry`)
  }
  if (value === null) return
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) refuseWhatIsNoJson(value[index], `${at}[${index}]`, depth + 1)
    return
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null)
    throw new CanonicalError('not-json', `${at} is not a plain object`)
  for (const [key, member] of Object.entries(value)) {
    if (!key.isWellFormed()) throw halfAPair(`a key of ${at}`)
    if (member !== undefined) refuseWhatIsNoJson(member, `${at}.${key}`, depth + 1)
  }
}

function halfAPair(at: string): CanonicalError {
  return new CanonicalError('lone-surrogate', `${at} contains a lone surrogate, which UTF-8 cannot encode`)
}
