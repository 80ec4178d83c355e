import { describe, expect, test } from 'vitest'
import type { Secret } from '../credentials/types.ts'
import { createHeaderKeeper, type KeptHeaders } from './kept-headers.ts'

const SECRET = 'npm_0123456789abcdef'
const secret: Secret = { reveal: () => SECRET, toString: () => '[secret]', toJSON: () => '[secret]' }

async function kept(headers: [string, string][], signedPlaces = false): Promise<KeptHeaders> {
  let text = ''
  const put = async (bytes: Uint8Array) => {
    text = Buffer.from(bytes).toString()
    return { digest: `sha256:${'0'.repeat(64)}` as const, bytes: bytes.length }
  }
  await createHeaderKeeper({ blobs: { put }, secrets: async () => [secret] }, { signedPlaces }).keep(headers)
  return JSON.parse(text) as KeptHeaders
}

describe('createHeaderKeeper', () => {
  test('keeps names and values in order', async () => {
    const headers: [string, string][] = [
      ['etag', '"1"'],
      ['content-type', 'text/plain'],
    ]
    expect(await kept(headers)).toEqual({ headers, removed: [] })
  })

  test.each([
    'set-cookie',
    'authorization',
    'proxy-authorization',
    'www-authentication-info',
    'x-auth-token',
    'x-api-key',
    'x-amz-security-token',
    'x-session-id',
    'x-goog-signature',
  ])('leaves out %s', async (name) => expect(await kept([[name, 'x']])).toEqual({ headers: [], removed: [name] }))

  test.each([`${SECRET}`, `Bearer ${SECRET}`, Buffer.from(`user:${SECRET}`).toString('base64')])(
    'leaves out a header that quotes a configured secret: %s',
    async (value) => expect(await kept([['x-echo', value]])).toEqual({ headers: [], removed: ['x-echo'] }),
  )

  test('leaves out headers over the bound and lists their names', async () => {
    const { headers, removed } = await kept([
      ['a', 'x'],
      ['b', 'x'.repeat(70_000)],
    ])
    expect([headers, removed]).toEqual([[['a', 'x']], ['b']])
  })

  test('leaves out the query of a redirect that may be signed', async () => {
    const location: [string, string][] = [['location', 'https://store.example/x.tgz?Signature=abc']]
    expect((await kept(location, true)).headers).toEqual([['location', 'https://store.example/x.tgz?']])
    expect((await kept(location)).headers).toEqual(location)
  })

  test('writes identical headers only once', async () => {
    let puts = 0
    const put = async () => ({ digest: `sha256:${String(puts++).repeat(64)}` as const, bytes: 1 })
    const keeper = createHeaderKeeper({ blobs: { put } }, { signedPlaces: false })
    const digests = await Promise.all([keeper.keep([['a', 'b']]), keeper.keep([['a', 'b']])])
    expect([puts, digests[0] === digests[1]]).toEqual([1, true])
  })
})
