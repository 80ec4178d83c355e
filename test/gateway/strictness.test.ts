// Requests that no honest client sends. Each is refused and recorded, and reaches neither policy nor a server.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFixture, openStandIn, type Fixture } from './gateway-fixture.ts'
import { runProgram, sendRaw, sendThroughTunnel } from './programs.ts'

const HOST = 'api.example.com'
const AUTHORITY = `${HOST}:443`
const GET = `GET /x HTTP/1.1\r\nHost: ${HOST}\r\n`

let served: string[] = []
let upstream: Awaited<ReturnType<typeof openStandIn>>
let box: Fixture

beforeAll(async () => {
  upstream = await openStandIn(HOST, (req, res) => {
    served.push(`${req.method} ${req.url}`)
    res.end('served')
  })
  box = await openFixture({ allow: () => true, ...upstream, limits: { handshakeMs: 1500 } })
})

afterAll(async () => {
  await box[Symbol.asyncDispose]()
  await upstream[Symbol.asyncDispose]()
})

/** Events recorded and requests served meanwhile. */
async function during<T>(
  work: () => Promise<T>,
): Promise<{ answer: T; requests: ReturnType<Fixture['requests']>; served: string[] }> {
  served = []
  const before = box.requests().length
  const answer = await work()
  return { answer, requests: box.requests().slice(before), served }
}

describe('inside a tunnel', () => {
  test('an honest request passes, so that the refusals below mean something', async () => {
    const { answer, served } = await during(() =>
      sendThroughTunnel(box, `${GET}\r\n`, { authority: AUTHORITY, servername: HOST, quietMs: 2000 }),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*served$/)
    expect(served).toEqual(['GET /x'])
  })

  test.each<[string, string]>([
    [
      'Content-Length with Transfer-Encoding',
      `POST /x HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n`,
    ],
    [
      'Transfer-Encoding with Content-Length',
      `POST /x HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`,
    ],
    [
      'two Content-Length that differ',
      `POST /x HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde`,
    ],
    [
      'two Content-Length that agree',
      `POST /x HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nabcd`,
    ],
    ['a list as Content-Length', `POST /x HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 4, 4\r\n\r\nabcd`],
    ['a signed Content-Length', `POST /x HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: +4\r\n\r\nabcd`],
    ['a negative Content-Length', `POST /x HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: -1\r\n\r\n`],
    ['a Content-Length with a leading zero', `POST /x HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 04\r\n\r\nabcd`],
    [
      'chunked twice',
      `POST /x HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['chunked not last', `POST /x HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
    [
      'another coding before chunked',
      `POST /x HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['a space before the colon', `POST /x HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
    ['chunked in HTTP/1.0', `POST /x HTTP/1.0\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['bare LF as line end', `GET /x HTTP/1.1\nHost: ${HOST}\n\n`],
    ['bare LF after a header', `GET /x HTTP/1.1\r\nHost: ${HOST}\nX: y\r\n\r\n`],
    ['bare CR in a header', `GET /x HTTP/1.1\r\nHost: ${HOST}\r\nX: a\rY: b\r\n\r\n`],
    ['a folded header', `GET /x HTTP/1.1\r\nHost: ${HOST}\r\nX: a\r\n b\r\n\r\n`],
    ['a folded first header', `GET /x HTTP/1.1\r\n Host: ${HOST}\r\n\r\n`],
    ['NUL in a header', `GET /x HTTP/1.1\r\nHost: ${HOST}\r\nX: a\0b\r\n\r\n`],
    ['a name that is no token', `GET /x HTTP/1.1\r\nHost: ${HOST}\r\nX(y): a\r\n\r\n`],
    ['two Hosts', `GET /x HTTP/1.1\r\nHost: ${HOST}\r\nHost: ${HOST}\r\n\r\n`],
    ['no Host', 'GET /x HTTP/1.1\r\n\r\n'],
    ['an empty Host', 'GET /x HTTP/1.1\r\nHost:\r\n\r\n'],
    ['another Host', 'GET /x HTTP/1.1\r\nHost: evil.example.org\r\n\r\n'],
    ['another port in Host', `GET /x HTTP/1.1\r\nHost: ${HOST}:8443\r\n\r\n`],
    ['a user in Host', `GET /x HTTP/1.1\r\nHost: a@${HOST}\r\n\r\n`],
    ['a trailing dot in Host', `GET /x HTTP/1.1\r\nHost: ${HOST}.\r\n\r\n`],
    ['an absolute target elsewhere', `GET http://evil.example.org/ HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ['the asterisk target', `OPTIONS * HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ['a backslash in the path', `GET /a\\..\\b HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ['a fragment', `GET /a#b HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ['raw bytes in the path', `GET /\u00e9 HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ['TRACE', `TRACE /x HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    [
      'a WebSocket upgrade',
      `${GET}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    ],
    ['an h2c upgrade', `${GET}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`],
    ['an expectation that nobody knows', `${GET}Expect: the-unexpected\r\n\r\n`],
    ['HTTP/2 with prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a nested CONNECT', `CONNECT evil.example.org:443 HTTP/1.1\r\nHost: evil.example.org:443\r\n\r\n`],
    ['more headers than fit', `${GET}${Array.from({ length: 150 }, (_, at) => `X-${at}: y\r\n`).join('')}\r\n`],
    ['longer headers than fit', `${GET}X: ${'y'.repeat(40_000)}\r\n\r\n`],
    ['a longer URL than fits', `GET /${'y'.repeat(10_000)} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ['no HTTP at all', '\x00\x01\x02\x03\r\n\r\n'],
    ['HTTP/3.0', `GET /x HTTP/3.0\r\nHost: ${HOST}\r\n\r\n`],
  ])('refuses and records %s', async (_name, bytes) => {
    const { answer, requests, served } = await during(() =>
      sendThroughTunnel(box, Buffer.from(bytes, 'latin1'), { authority: AUTHORITY, servername: HOST }),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 [45]\d\d /)
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(served).toEqual([])
    expect(requests).toMatchObject([{ decision: { allowed: false }, responseBytes: 0 }])
    expect(requests[0]?.note).toBeTruthy()
  })

  test('records an unknown coding and ends the connection where the parser gave up', async () => {
    const bytes = `POST /x HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`
    const { requests, served } = await during(() =>
      sendThroughTunnel(box, bytes, { authority: AUTHORITY, servername: HOST }),
    )
    expect([requests.length, served]).toEqual([1, []])
  })

  test.each([
    ['TRACE', `TRACE /x HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ['another Host', 'GET /x HTTP/1.1\r\nHost: evil.example.org\r\n\r\n'],
    ['chunked in HTTP/1.0', `POST /x HTTP/1.0\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['an upgrade', `${GET}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`],
  ])('ignores bytes after a refused request on the same connection: %s', async (_name, refused) => {
    const hidden = `GET /smuggled HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`
    const { answer, served } = await during(() =>
      sendThroughTunnel(box, refused + hidden + hidden, { authority: AUTHORITY, servername: HOST }),
    )
    await during(() =>
      sendThroughTunnel(box, `${GET}Connection: close\r\n\r\n`, { authority: AUTHORITY, servername: HOST }),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 [45]\d\d /)
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(served).toEqual([])
    expect(box.requests().filter(({ url }) => url.includes('smuggled'))).toEqual([])
  })

  test('records invalid bytes after a request and still answers the request', async () => {
    const { answer, requests } = await during(() =>
      sendThroughTunnel(box, `${GET}\r\n\x00\x01\x02\r\n\r\n`, { authority: AUTHORITY, servername: HOST }),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*served$/)
    expect(requests.map(({ method, decision }) => [method, decision.allowed]).toSorted()).toEqual([
      ['(unparsable)', false],
      ['GET', true],
    ])
  })

  test('ends a request with chunk sizes on which parsers disagree', async () => {
    for (const size of ['0x4', '+4', '4 ', '-1', '4;a\nb', 'ffffffffffffffffff']) {
      const bytes = `POST /x HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\nabcd\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`
      const { served } = await during(() =>
        sendThroughTunnel(box, bytes, { authority: AUTHORITY, servername: HOST, quietMs: 2000 }),
      )
      expect([size, served]).toEqual([size, []])
    }
  })

  test('refuses a server name that differs from the host of CONNECT, in both directions', async () => {
    for (const options of [{ authority: AUTHORITY, servername: 'evil.example.org' }, { authority: AUTHORITY }]) {
      const { answer, requests, served } = await during(() => sendThroughTunnel(box, `${GET}\r\n`, options))
      expect(answer).toMatch(/^HTTP\/1\.1 421 [^]*SNI/)
      expect(served).toEqual([])
      expect(requests).toMatchObject([{ status: 421 }])
    }
  })

  test('explains to curl why a host other than that of the URL is refused', async () => {
    const { answer } = await during(() =>
      runProgram(box, [
        'curl',
        '-sSk',
        '--connect-to',
        `front.example.com:443:${AUTHORITY}`,
        '-w',
        '%{http_code}',
        'https://front.example.com/',
      ]),
    )
    expect(answer.stdout).toMatch(/421$/)
  })

  test('a client that offers only HTTP/2 gets no connection', async () => {
    await expect(
      sendThroughTunnel(box, `${GET}\r\n`, { authority: AUTHORITY, servername: HOST, alpn: ['h2'] }),
    ).rejects.toThrow()
  })

  test('decides on a path and sends it in normal form', async () => {
    const { served } = await during(() =>
      sendThroughTunnel(box, `GET /a/%2e%2e/b/../c?d=/../e HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`, {
        authority: AUTHORITY,
        servername: HOST,
        quietMs: 2000,
      }),
    )
    expect(served).toEqual(['GET /c?d=/../e'])
    expect(box.questions.at(-1)?.context['path']).toBe('/c')
  })
})

describe('CONNECT', () => {
  test.each([
    'example.com',
    'example.com:0',
    'example.com:65536',
    'example.com:0443',
    'example.com:443x',
    'user@example.com:443',
    'user:secret@example.com:443',
    'example.com.:443',
    '.example.com:443',
    'exa mple.com:443',
    'exa%6dple.com:443',
    'example.com%00.org:443',
    '2852039166:443',
    '0xa9fea9fe:443',
    '0251.0376.0251.0376:443',
    '169.254.43518:443',
    '169.254.169.0xfe:443',
    '[::1%25lo]:443',
    '[::1:443',
    '::1:443',
    'xn--zzzzzzzzz---:443',
    '-a.example.com:443',
    'a_b.example.com:443',
    '\u00e9.example.com:443',
    '\uff11\uff12\uff17.0.0.1:443',
    'https://example.com:443',
    '/x',
    '*',
  ])('refuses CONNECT to %s before it opens a tunnel', async (authority) => {
    const { answer, requests } = await during(() =>
      sendRaw(box.port, Buffer.from(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`, 'utf8')),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(requests).toMatchObject([{ decision: { allowed: false } }])
    expect(JSON.stringify(requests)).not.toContain('secret')
  })

  test('Host must say the same', async () => {
    const { answer } = await during(() =>
      sendRaw(box.port, `CONNECT ${AUTHORITY} HTTP/1.1\r\nHost: evil.example.org:443\r\n\r\n`),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 421 /)
  })

  test.each<[string, string]>([
    ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['plain HTTP', `GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
    ['SOCKS', '\x05\x01\x00'],
    ['a TLS alert', '\x15\x03\x03\x00\x02\x02\x28'],
    ['an SSLv2 hello', '\x80\x2e\x01\x00\x02'],
  ])('opens no tunnel for %s after CONNECT', async (_name, bytes) => {
    const { answer, requests, served } = await during(() =>
      sendRaw(
        box.port,
        Buffer.concat([
          Buffer.from(`CONNECT ${AUTHORITY} HTTP/1.1\r\nHost: ${AUTHORITY}\r\n\r\n`),
          Buffer.from(bytes, 'latin1'),
        ]),
      ),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 200 Connection Established\r\n\r\nHTTP\/1\.1 501 [^]*only TLS/)
    expect(requests).toMatchObject([{ method: 'CONNECT', url: AUTHORITY, decision: { allowed: false } }])
    expect(served).toEqual([])
  })

  test('ends a tunnel that stays silent', async () => {
    const { answer, requests } = await during(() =>
      sendRaw(box.port, `CONNECT ${AUTHORITY} HTTP/1.1\r\nHost: ${AUTHORITY}\r\n\r\n`, 5000),
    )
    expect(answer).toContain('504')
    expect(requests).toMatchObject([{ status: 504 }])
  })

  test('records a failed handshake of a client that does not trust the CA of the run', async () => {
    const { answer, requests } = await during(() =>
      runProgram(box, ['curl', '-sS', `https://${HOST}/`], {
        env: { CURL_CA_BUNDLE: '/etc/ssl/certs/ca-certificates.crt', SSL_CERT_FILE: '' },
      }),
    )
    expect(answer.code).not.toBe(0)
    expect(requests).toMatchObject([{ method: 'CONNECT', note: expect.stringContaining('handshake') as string }])
  })
})

describe('plain HTTP', () => {
  test('describes itself to clients that use it like a website', async () => {
    const { answer, requests } = await during(() => sendRaw(box.port, 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'))
    expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*gateway of a Glovebox sandbox/)
    expect(requests).toHaveLength(1)
  })

  test.each([
    'https://api.example.com/',
    'ftp://api.example.com/',
    'http://user:secret@api.example.com/',
    'http://api.example.com./',
    'http://2852039166/',
    'http://[::1',
    'http:/api.example.com/',
    'http://api.example.com:99999/',
    'http:///x',
  ])('refuses the target %s', async (target) => {
    const { answer, requests } = await during(() =>
      sendRaw(box.port, `GET ${target} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(requests).toHaveLength(1)
    expect(JSON.stringify(requests)).not.toContain('secret')
  })

  test('Host must be that of the target', async () => {
    const { answer } = await during(() =>
      sendRaw(box.port, `GET http://${HOST}/ HTTP/1.1\r\nHost: evil.example.org\r\n\r\n`),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 421 /)
  })

  test('does not read pipelined requests after a refused one', async () => {
    const { answer, served } = await during(() =>
      sendRaw(
        box.port,
        `GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\nGET http://${HOST}/later HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
      ),
    )
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(served).toEqual([])
  })
})

describe('the gateway itself', () => {
  test('handles pipelined requests one after the other and cuts off a client that sends too many', async () => {
    let [atOnce, most] = [0, 0]
    await using far = await openStandIn(HOST, (_req, res) => {
      most = Math.max(most, ++atOnce)
      setTimeout(() => (atOnce--, res.end('served')), 20)
    })
    await using fixture = await openFixture({ allow: () => true, ...far })
    const send = (count: number) =>
      sendThroughTunnel(fixture, `${GET}\r\n`.repeat(count), { authority: AUTHORITY, servername: HOST, quietMs: 2000 })
    expect((await send(5)).match(/served/g)).toHaveLength(5)
    expect(most).toBe(1)
    expect((await send(2000)).match(/served/g) ?? []).toHaveLength(0)
    const cut = fixture.requests().filter(({ note }) => note?.includes('wait on one connection'))
    expect(cut).toHaveLength(1)
    expect(fixture.requests().length).toBeLessThan(20)
  })

  test('closes in time despite a host with many addresses that never answer', async () => {
    let tried = 0
    const fixture = await openFixture({
      allow: () => true,
      resolve: async () => Array.from({ length: 30 }, (_, at) => `93.184.215.${at + 1}`),
      connect: (_address, _port, ms) => {
        tried++
        return new Promise((_, reject) => setTimeout(() => reject(new Error('timed out')), ms))
      },
      limits: { connectMs: 400 },
    })
    const pending = sendRaw(fixture.port, `GET http://${HOST}/ HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`, 30_000)
    await expect.poll(() => tried).toBe(1)
    await fixture[Symbol.asyncDispose]()
    await pending
    expect(tried).toBeLessThan(30)
  })

  test('cuts off slow headers and records it', async () => {
    await using slow = await openFixture({ limits: { headersMs: 500 } })
    const answer = await sendRaw(slow.port, 'GET http://a.example.com/ HTTP/1.1\r\nHost: a', 5000)
    expect(answer).toMatch(/^HTTP\/1\.1 504 /)
    expect(slow.requests()).toHaveLength(1)
  })

  test('close() ends open connections and leaves no socket behind', async () => {
    const fixture = await openFixture()
    const pending = sendRaw(fixture.port, 'GET http://a.example.com/ HTTP/1.1\r\nHo', 30_000)
    await new Promise((done) => setTimeout(done, 100))
    await fixture[Symbol.asyncDispose]()
    expect(await pending).toBe('')
  })
})
