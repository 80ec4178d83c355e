// Target: requests to the proxy, through llhttp and the strict rules. A naive reader of the same bytes must see the
// same accepted request, and the forwarded bytes must parse as exactly that one request (CWE-444).
import { endToEndHeaders } from '../../src/gateway/egress/headers.ts'
import {
  strictRequest,
  type LocalServer,
  type StrictRequest,
  type Tunnel,
} from '../../src/gateway/egress/strict-request.ts'
import { recordableUrl } from '../../src/gateway/egress/recordable-url.ts'
import { GatewayError } from '../../src/gateway/gateway-error.ts'
import { parseHttp, type ParsedRequest } from '../oracles/node-http.ts'
import { attempt, must, mustEqual, type Target } from '../target.ts'

const LIMITS = { headers: 100, urlBytes: 8 * 1024 }
const TUNNEL: Tunnel = { authority: { host: 'a.example', port: 443, kind: 'name' }, servername: 'a.example' }

const LOCAL: LocalServer = {
  authorities: [
    { host: '127.0.0.1', port: 8118, kind: 'ipv4' },
    { host: 'localhost', port: 8118, kind: 'name' },
  ],
  paths: ['/models/'],
}

/** First byte: whether the bytes came through a tunnel, its server name, and whether the gateway serves local paths. */
async function run(input: Uint8Array): Promise<string> {
  const mode = input[0] ?? 0
  const tunnel = (mode & 1) === 0 ? null : { ...TUNNEL, servername: (mode & 2) === 0 ? 'a.example' : null }
  const local = (mode & 4) === 0 ? null : LOCAL
  const bytes = Buffer.from(input.subarray(1))
  const { requests, error } = await parseHttp(bytes)
  const ways: string[] = [error ?? 'read']
  for (const [at, request] of requests.entries()) {
    const shown = recordableUrl(request.url ?? '', tunnel)
    must(!/[\u0000-\u001f\u007f-\u009f]/.test(shown), () => `${JSON.stringify(shown)} would reach a terminal`)
    const strict = attempt(() => strictRequest(request, tunnel, LIMITS, local), GatewayError)
    ways.push(strict.why ?? 'accepted')
    if (strict.value === null) break
    if (at === 0) checkHead(bytes.toString('latin1'), request)
    checkMeaning(strict.value, tunnel)
    if (tunnel === null) checkLocal(request, strict.value, local)
    await checkPassedOn(strict.value, request.body)
  }
  return ways.slice(0, 3).join(' ')
}

/**
 * Checks RFC 9112 without leniency, except for bytes before the first line: lines end in CRLF, a colon directly follows
 * each name, no line is folded.
 */
function checkHead(text: string, { method, url, rawHeaders, httpVersion }: ParsedRequest): void {
  const head = text.replace(/^[\r\n]+/, '').split('\r\n\r\n', 1)[0] ?? ''
  const [first, ...lines] = head.split('\r\n')
  // llhttp accepts several spaces, and no target contains a space.
  mustEqual(first?.replaceAll(/ +/g, ' '), `${method} ${url} HTTP/${httpVersion}`, 'the request line')
  const fields = lines.map((line) => /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/s.exec(line))
  must(
    fields.every((field) => field !== null),
    () => `a line that is not a header: ${JSON.stringify(lines)}`,
  )
  must(!/[\r\n\0]/.test(lines.join('')), () => 'a bare CR, LF or NUL in a header')
  mustEqual(
    fields.flatMap((field) => [field?.[1], field?.[2]]),
    rawHeaders,
    'the headers',
  )
}

function checkMeaning({ url, headers }: StrictRequest, tunnel: Tunnel | null): void {
  must(url.protocol === (tunnel === null ? 'http:' : 'https:'), () => `scheme ${url.protocol}`)
  must(tunnel === null || url.hostname === tunnel.authority.host, () => `${url.hostname} is not the host of the tunnel`)
  must(url.username === '' && url.password === '' && url.hash === '', () => `${url.href} has more than a path`)
  mustEqual([...endToEndHeaders(headers)], [...headers], 'hop-by-hop headers were passed on')
  const host = new URL(`${url.protocol}//${headers.get('host')}/`)
  mustEqual([host.hostname, host.port], [url.hostname, url.port], 'Host')
}

/** Outside a tunnel, a path alone is valid only for local paths under the gateway's own name. */
function checkLocal(
  { url: target = '', rawHeaders }: ParsedRequest,
  { url }: StrictRequest,
  local: LocalServer | null,
): void {
  if (!target.startsWith('/')) return
  must(local !== null, () => 'a path was taken for a URL')
  must(url.pathname.startsWith('/models/'), () => `${url.pathname} is not served here`)
  must(
    ['http://127.0.0.1:8118', 'http://localhost:8118'].includes(url.origin),
    () => `${url.origin} is not the gateway`,
  )
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host')
  mustEqual(hosts.length, 1, 'hosts')
}

async function checkPassedOn({ method, url, headers }: StrictRequest, body: Buffer): Promise<void> {
  const target = `${url.pathname}${url.search}`
  const fields = [...headers].filter(([name]) => name !== 'content-length')
  if (body.length > 0) fields.push(['content-length', String(body.length)])
  const lines = [`${method} ${target} HTTP/1.1`, ...fields.map(([name, value]) => `${name}: ${value}`)]
  const bytes = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body])
  const { requests, error } = await parseHttp(bytes, 128 * 1024)
  mustEqual([error, requests.length], [null, 1], 'forwarded bytes are one request')
  const [again] = requests as [ParsedRequest]
  mustEqual([again.method, again.url, again.body.toString('hex')], [method, target, body.toString('hex')], 'passed on')
  // An empty header that occurs twice leaves an insignificant space at the end.
  const values = fields.flatMap(([name, value]) => [name, value.replace(/^[ \t]+|[ \t]+$/g, '')])
  mustEqual(again.rawHeaders, values, 'headers that are passed on')
}

const request = (mode: number, lines: readonly string[], body = ''): Buffer =>
  Buffer.concat([Buffer.of(mode), Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1')])

export const target: Target = {
  name: 'http-request',
  covers: [
    'src/gateway/egress/strict-request.ts',
    'src/gateway/egress/headers.ts',
    'src/gateway/egress/authority.ts',
    'src/gateway/egress/recordable-url.ts',
  ],
  dictionary: [
    ...[
      'GET ',
      'POST ',
      'TRACE ',
      'CONNECT ',
      'PRI * HTTP/2.0',
      ' HTTP/1.1',
      ' HTTP/1.0',
      'http://a.example',
      '/',
      '//',
    ],
    ...[
      '\r\n',
      '\n',
      '\r',
      ' ',
      '\t',
      ':',
      '\0',
      '\u0080',
      'Host: 127.0.0.1:8118\r\n',
      'Host: localhost:8118\r\n',
      '/models/x/v1/models',
      'http://127.0.0.1:8118',
      'Host: a.example\r\n',
      'Host: b.example\r\n',
      'host:a.example:443',
    ],
    ...[
      'Content-Length: 5\r\n',
      'Content-Length: +5\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Transfer-Encoding: gzip, chunked',
    ],
    ...[
      'Connection: close, x-y\r\n',
      'Upgrade: h2c\r\n',
      'Expect: 100-continue\r\n',
      'Expect: x\r\n',
      'Cookie: a=b\r\n',
    ],
    ...[
      '5\r\nhello\r\n0\r\n\r\n',
      '0\r\n\r\n',
      'TE: trailers\r\n',
      'X-Y: z\r\n',
      '\r\n\r\n',
      '@',
      '\\',
      '#',
      '?',
      '%',
      '"',
      '[::1]',
    ],
  ],
  seeds: () => [
    request(0, ['GET http://a.example/x?y=z HTTP/1.1', 'Host: a.example', 'Accept: */*', 'User-Agent: curl/7.88.1']),
    request(1, ['GET /npm/left-pad HTTP/1.1', 'Host: a.example', 'Connection: keep-alive, x-private', 'X-Private: 1']),
    request(1, ['POST /a HTTP/1.1', 'Host: a.example:443', 'Content-Length: 5', 'Expect: 100-continue'], 'hello'),
    request(1, ['POST /a HTTP/1.1', 'Host: a.example', 'Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\n\r\n'),
    request(0, ['GET http://a.example:8080/ HTTP/1.0', 'Host: a.example:8080', 'Cookie: a=1', 'Cookie: b=2']),
    request(1, ['GET / HTTP/1.1', 'Host: a.example'], 'GET /second HTTP/1.1\r\nHost: a.example\r\n\r\n'),
    request(0, ['CONNECT a.example:443 HTTP/1.1', 'Host: a.example:443']),
    request(1, ['POST / HTTP/1.1', 'Host: a.example', 'Content-Length: 6', 'Transfer-Encoding: chunked'], '0\r\n\r\nX'),
    request(0, ['GET http://u:p@a.example/ HTTP/1.1', 'Host: a.example']),
    request(4, ['POST /models/x/v1/messages HTTP/1.1', 'Host: 127.0.0.1:8118', 'Content-Length: 2'], '{}'),
    request(4, ['GET http://localhost:8118/models/x/v1/models HTTP/1.1', 'Host: localhost:8118']),
    request(4, ['GET /models/../x HTTP/1.1', 'Host: 127.0.0.1:8118']),
  ],
  run,
}
