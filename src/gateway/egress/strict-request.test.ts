import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../gateway-error.ts'
import { strictRequest, type Tunnel } from './strict-request.ts'

const LIMITS = { headers: 20, urlBytes: 1000 }
const TUNNEL: Tunnel = { authority: { host: 'a.example', port: 443, kind: 'name' }, servername: 'a.example' }

function read(url: string, headers: readonly (readonly [string, string])[], tunnel: Tunnel | null = TUNNEL) {
  return strictRequest({ method: 'GET', url, httpVersion: '1.1', rawHeaders: headers.flat() }, tunnel, LIMITS)
}

const name = fc.constantFrom(
  ...[
    'Host',
    'host',
    'Content-Length',
    'Transfer-Encoding',
    'Connection',
    'Upgrade',
    'Expect',
    'TE',
    'Trailer',
    'Cookie',
  ],
  ...['Authorization', 'X-Y', 'x-y', 'Keep-Alive', 'Proxy-Authorization', 'Accept', 'HTTP2-Settings'],
)
const value = fc.constantFrom(
  ...['a.example', 'A.EXAMPLE:443', 'b.example', 'a.example:80', 'a.example@b.example', 'a.example, b.example', ''],
  ...['0', '5', '+5', '05', 'chunked', 'gzip, chunked', 'close', 'x-y, host', 'x-y', '100-continue', 'h2c', '\u00e9'],
)
const header = fc.tuple(name, value)
const good = fc.constant(['Host', 'a.example'] as const)

describe('a strict request', () => {
  test('goes to exactly one host, without hop-by-hop headers', () => {
    let taken = 0
    const headers = fc.tuple(good, fc.array(header, { maxLength: 5 })).map(([first, more]) => [first, ...more])
    const path = fc.string({ unit: fc.constantFrom(...'/a.%?#\\@: "'), maxLength: 8 }).map((text) => `/${text}`)
    fc.assert(
      fc.property(path, headers, (url, list) => {
        const request = accepted(() => read(url, list))
        if (request === null) return
        taken++
        expect([request.url.origin, request.url.username, request.url.hash]).toEqual(['https://a.example', '', ''])
        expect(list.filter(([key]) => key.toLowerCase() === 'host')).toHaveLength(1)
        for (const key of ['connection', 'te', 'trailer', 'upgrade', 'keep-alive', 'proxy-authorization', 'expect'])
          expect(request.headers.has(key)).toBe(false)
        expect(request.headers.has('content-length') && list.some(([key]) => key === 'Transfer-Encoding')).toBe(false)
      }),
      { numRuns: 3000 },
    )
    expect(taken).toBeGreaterThan(100)
  })

  test('is refused unless its target and its Host name the same origin', () => {
    const authority = fc.constantFrom(
      'a.example',
      'A.example:80',
      'b.example',
      'a.example:8080',
      'u@a.example',
      '[::1]',
    )
    fc.assert(
      fc.property(authority, authority, (target, host) => {
        const request = accepted(() => read(`http://${target}/`, [['Host', host]], null))
        const same = new URL(`http://${target}/`).host === new URL(`http://${host}/`).host
        expect(request !== null).toBe(same && !target.includes('@') && !host.includes('@'))
      }),
    )
  })

  test('is refused with more headers than the limit', () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => [`x-${at}`, ''] as const)
    expect(read('/', [['Host', 'a.example'], ...many(19)]).headers.size).toBe(20)
    expect(() => read('/', [['Host', 'a.example'], ...many(20)])).toThrow(GatewayError)
  })
})

function accepted<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    expect(error).toBeInstanceOf(GatewayError)
    return null
  }
}
