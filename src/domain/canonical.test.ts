import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CanonicalError, canonicalJson, eventLeaf, leafAroundSeq } from './canonical.ts'
import type { Event } from './event.ts'

describe('canonical JSON (RFC 8785)', () => {
  test.each([
    [0, '0'],
    [-0, '0'],
    [-1, '-1'],
    [0.1 + 0.2, '0.30000000000000004'],
    [4.5, '4.5'],
    [1e20, '100000000000000000000'],
    [999999999999999900000, '999999999999999900000'],
    [1e21, '1e+21'],
    [-1.5e300, '-1.5e+300'],
    [0.000001, '0.000001'],
    [0.00000123, '0.00000123'],
    [1e-7, '1e-7'],
    [2 ** 53, '9007199254740992'],
    [Number.MIN_VALUE, '5e-324'],
    [Number.MAX_VALUE, '1.7976931348623157e+308'],
  ])('writes the number %d as %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })

  test('escapes only quotes, backslashes and C0 controls, in the short form if one exists', () => {
    expect(canonicalJson('\b\t\n\f\r"\\')).toBe('"\\b\\t\\n\\f\\r\\"\\\\"')
    expect(canonicalJson('\u0000\u000b\u001f')).toBe('"\\u0000\\u000b\\u001f"')
    expect(canonicalJson('/\u007f\u0080é€\u2028\ufeff😀')).toBe('"/\u007f\u0080é€\u2028\ufeff😀"')
  })

  test('does not normalise text', () => {
    expect(canonicalJson('e\u0301')).toBe('"e\u0301"')
    expect(canonicalJson('\u00e9')).toBe('"\u00e9"')
  })

  test('orders keys by UTF-16 code units, not by code points', () => {
    // U+1F600 begins with the unit D83D, so it comes before U+FB33 although its code point is greater.
    const value = { '\ufb33': 1, '\u{1f600}': 2, é: 3, b: 4, B: 5, '10': 6, '2': 7, '': 8, '\r': 9 }
    expect(canonicalJson(value)).toBe('{"":8,"\\r":9,"10":6,"2":7,"B":5,"b":4,"é":3,"\u{1f600}":2,"\ufb33":1}')
  })

  test('keeps the order of arrays and adds no white space', () => {
    expect(canonicalJson({ b: [3, { z: null, a: true }, []], a: {} })).toBe('{"a":{},"b":[3,{"a":true,"z":null},[]]}')
  })

  test('omits undefined members', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}')
  })

  test.each([
    ['half a surrogate pair', { a: ['x\ud800'] }, 'lone-surrogate', '$.a[0]'],
    ['the other half', 'x\udc00y', 'lone-surrogate', '$'],
    ['a key with half a pair', { a: { '\udead': 1 } }, 'lone-surrogate', '$.a'],
    ['NaN', { a: Number.NaN }, 'not-finite', '$.a'],
    ['infinity', [-Infinity], 'not-finite', '$[0]'],
    ['a hole in an array', [1, undefined], 'not-json', '$[1]'],
    ['undefined', undefined, 'not-json', '$'],
    ['a bigint', { a: 1n }, 'not-json', '$.a'],
    ['a date', { a: new Date(0) }, 'not-json', '$.a'],
    ['bytes', { a: new Uint8Array(2) }, 'not-json', '$.a'],
    ['a function', { a: () => 1 }, 'not-json', '$.a'],
  ])('refuses %s and names its place', (_, value, code, place) => {
    const refusal = refusalOf(value)
    expect(refusal.code).toBe(code)
    expect(refusal.message).toContain(place)
  })

  test('refuses a value that contains itself', () => {
    const value: Record<string, unknown> = {}
    value.self = value
    expect(refusalOf(value).code).toBe('not-json')
  })

  test('writes any JSON value by the rules of the RFC, and the text parses to the same value', () => {
    const anyJson = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' })
    fc.assert(
      fc.property(anyJson, (value) => {
        const text = canonicalJson(value)
        expect(text).toBe(byTheRules(value))
        expect(canonicalJson(JSON.parse(text))).toBe(text)
      }),
    )
  })
})

describe('the leaf of an event', () => {
  const event: Event = {
    version: 1,
    id: '0123456789abcdefghjk',
    run: null,
    seq: 7,
    time: 1_700_000_000_000,
    source: 'platform',
    actor: { id: 'system:runner' },
    kind: 'platform.failed',
    body: { detail: 'café' },
  }

  test('is its canonical form in UTF-8', () => {
    expect(new TextDecoder().decode(eventLeaf(event))).toBe(
      '{"actor":{"id":"system:runner"},"body":{"detail":"café"},"id":"0123456789abcdefghjk","kind":"platform.failed",' +
        '"run":null,"seq":7,"source":"platform","time":1700000000000,"version":1}',
    )
  })

  test('can be computed before its sequence number is known', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.constantFrom(null, 'zzzzzzzzzzzzzzzzzzzz'), (detail, seq, run) => {
        const { seq: _, ...unplaced } = { ...event, run, body: { detail } }
        const { head, tail } = leafAroundSeq(unplaced)
        expect(`${head}${seq}${tail}`).toBe(canonicalJson({ ...unplaced, seq }))
      }),
    )
  })
})

function refusalOf(value: unknown): CanonicalError {
  try {
    canonicalJson(value)
  } catch (error) {
    if (error instanceof CanonicalError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

// An independent oracle: a direct implementation of sections 3.2.2 and 3.2.3 of RFC 8785.
function byTheRules(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return String(value === 0 ? 0 : value)
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(byTheRules).join(',')}]`
  const members = Object.entries(value as object).toSorted(([a], [b]) => byCodeUnits(a, b))
  return `{${members.map(([key, member]) => `${quoted(key)}:${byTheRules(member)}`).join(',')}}`
}

function quoted(text: string): string {
  const short: Record<number, string> = { 8: '\\b', 9: '\\t', 10: '\\n', 12: '\\f', 13: '\\r', 34: '\\"', 92: '\\\\' }
  let out = ''
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    out += short[unit] ?? (unit < 32 ? `\\u${unit.toString(16).padStart(4, '0')}` : text.charAt(at))
  }
  return `"${out}"`
}

function byCodeUnits(a: string, b: string): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    if (a.charCodeAt(at) !== b.charCodeAt(at)) return a.charCodeAt(at) - b.charCodeAt(at)
  }
  return a.length - b.length
}
