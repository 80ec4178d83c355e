// Attempts through CONNECT tunnels, which may only carry TLS for the requested host, with HTTP/1.1 inside.
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'
import { told, wireScript } from '../../inside-python.ts'
import { expectNoneServed, expectRecorded, expectRefused, expectSoundRun } from './refused-requests.ts'

const wall = 'the gateway terminates CONNECT: TLS only, and SNI = Host = authority'

const PRELUDE = String.raw`
GET = f'GET /x HTTP/1.1\r\nHost: {GIT}\r\nConnection: close\r\n\r\n'
def connect(authority, host=None, more=''):
    return raw(f'CONNECT {authority} HTTP/1.1\r\nHost: {host or authority}\r\n{more}\r\n')
# What the gateway says to bytes inside of a tunnel that are not TLS.
def opaque(authority, data):
    sock = dial()
    send(sock, f'CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n')
    first = b''
    while not first.endswith(b'\r\n\r\n'):
        first += sock.recv(1)
    send(sock, data)
    return until_closed(sock)
`

export const TUNNELS: readonly Attempt[] = [
  {
    id: 'tunnel-other-ports',
    group: 'network',
    tries: 'CONNECT to SSH, mail, databases and invalid ports',
    wall: 'host and port are decided together; the port must be a plain number',
    invariant: 6,
    script: wireScript(String.raw`${PRELUDE}
for port in ['', ':', ':0', ':65536', ':-1', ':0443', ':+443', ':443:443', ':0x1bb', ':٤٤٣'.encode().decode('latin-1')]:
    attempt('port ' + port, lambda: connect(GIT + port))
for port in [22, 25, 80, 3306, 8443]:
    attempt(f'TLS on {port}', lambda: through(GET.replace(GIT, f'{GIT}:{port}'), f'{GIT}:{port}', GIT))`),
    verify: (outcome) => expectRefused(outcome),
  },
  {
    id: 'tunnel-not-tls',
    group: 'network',
    tries: 'speak SSH, SMTP, plain HTTP, HTTP/2, SSLv2, or noise inside a tunnel',
    wall,
    invariant: 2,
    script: wireScript(String.raw`${PRELUDE}
for label, data in {
    'SSH': b'SSH-2.0-OpenSSH_9.2\r\n', 'SMTP': b'EHLO x\r\n', 'HTTP': GET.encode(), 'HTTP/2': b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'SSLv2': b'\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10', 'noise': bytes(range(255, 0, -1)), 'a TLS alert': b'\x15\x03\x01\x00\x02\x01\x00',
    'a record that is no ClientHello': b'\x16\x03\x01\x00\x05\x02\x00\x00\x01\x00',
}.items():
    attempt(label, lambda: opaque(GIT + ':443', data))`),
    verify(outcome) {
      expectRefused(outcome, [501])
      for (const { text } of told(outcome)) expect(text).toContain('only TLS')
    },
  },
  {
    id: 'tunnel-broken-tls',
    group: 'network',
    tries:
      'start TLS and break it: a truncated record, an invalid ClientHello, only TLS 1.0 and 1.1, only HTTP/2 by ALPN',
    wall,
    invariant: 2,
    script: wireScript(String.raw`${PRELUDE}
attempt('nonsense', lambda: opaque(GIT + ':443', b'\x16\x03\x01\x00\x20\x01\x00\x00\x1c' + b'\xff' * 28))
attempt('lying length', lambda: opaque(GIT + ':443', b'\x16\x03\x01\xff\xff\x01\x00\x00\x02' + b'\0' * 70000))
def old(version):
    made = context()
    made.minimum_version = made.maximum_version = version
    made.set_ciphers('DEFAULT:@SECLEVEL=0')
    sock = dial()
    send(sock, f'CONNECT {GIT}:443 HTTP/1.1\r\nHost: {GIT}:443\r\n\r\n')
    one_answer(sock)
    return made.wrap_socket(sock, server_hostname=GIT).version()
attempt('TLS 1.0', lambda: old(ssl.TLSVersion.TLSv1))
attempt('TLS 1.1', lambda: old(ssl.TLSVersion.TLSv1_1))
attempt('HTTP/2 by ALPN', lambda: through(b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', alpn=['h2']))`),
    verify(outcome) {
      for (const { label, text } of told(outcome))
        expect([label, text]).not.toEqual([label, expect.stringMatching(/^TLSv|HTTP\/1\.1 2/)])
      expectRecorded(outcome, 5)
      expectSoundRun(outcome)
    },
  },
  {
    id: 'tunnel-domain-fronting',
    group: 'network',
    tries: 'name different hosts in SNI, Host and the CONNECT authority, in each combination',
    wall,
    invariant: 2,
    script: wireScript(String.raw`${PRELUDE}
EVIL = 'evil.example.com'
for label, authority, sni, host in [
    ('SNI elsewhere', GIT, EVIL, GIT), ('Host elsewhere', GIT, GIT, EVIL), ('both elsewhere', GIT, EVIL, EVIL),
    ('front is elsewhere', EVIL, GIT, GIT), ('front and SNI elsewhere', EVIL, EVIL, GIT), ('front and Host elsewhere', EVIL, GIT, EVIL),
    ('a name below', GIT, 'x.' + GIT, GIT), ('a name above', GIT, 'glovebox.internal', GIT), ('Host with another port', GIT, GIT, GIT + ':8443'),
    ('Host with a dot', GIT, GIT, GIT + '.'), ('Host with a user', GIT, GIT, 'x@' + GIT), ('no SNI', GIT, None, GIT),
    ('SNI is the front of an address', '93.184.215.14', GIT, '93.184.215.14'),
]:
    attempt(label, lambda: through(f'GET /x HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n', authority + ':443', sni, verify=False))
attempt('Host of CONNECT elsewhere', lambda: connect(GIT + ':443', EVIL + ':443'))`),
    verify(outcome) {
      expectRefused(outcome, [400, 421])
      for (const { label, text } of told(outcome))
        expect([label, text]).toEqual([label, expect.stringMatching(/SNI|Host|not acceptable/)])
    },
  },
  {
    id: 'tunnel-nested',
    group: 'network',
    tries: 'CONNECT inside a tunnel, with a body, and to the proxy itself',
    wall,
    invariant: 2,
    script: wireScript(String.raw`${PRELUDE}
attempt('nested', lambda: through('CONNECT evil.example.com:443 HTTP/1.1\r\nHost: evil.example.com:443\r\n\r\n'))
attempt('nested, same host', lambda: through(f'CONNECT {GIT}:443 HTTP/1.1\r\nHost: {GIT}:443\r\n\r\n'))
attempt('body', lambda: connect(GIT + ':443', more='Content-Length: 5\r\n') )
attempt('chunked', lambda: connect(GIT + ':443', more='Transfer-Encoding: chunked\r\n'))
attempt('two Hosts', lambda: connect(GIT + ':443', more=f'Host: {GIT}:443\r\n'))
attempt('path', lambda: connect('/'))
attempt('URL', lambda: connect(f'https://{GIT}:443/'))
attempt('user', lambda: connect(f'user:secret@{GIT}:443'))
attempt('no Host', lambda: raw(f'CONNECT {GIT}:443 HTTP/1.1\r\n\r\n'))
attempt('HTTP/2.0', lambda: raw(f'CONNECT {GIT}:443 HTTP/2.0\r\nHost: {GIT}:443\r\n\r\n'))`),
    verify(outcome) {
      expectRefused(outcome)
      expect(JSON.stringify(outcome.of('net.requested'))).not.toContain('secret')
    },
  },
  {
    id: 'tunnel-other-proxy-protocols',
    group: 'network',
    tries: 'speak SOCKS 4 and 5, the PROXY protocol, TLS, HTTP/0.9, RTSP, FastCGI and Redis to the proxy',
    wall: 'strict HTTP parser',
    invariant: 2,
    script: wireScript(String.raw`${PRELUDE}
for label, data in {
    'SOCKS 5': b'\x05\x01\x00', 'SOCKS 4': b'\x04\x01\x01\xbb\x01\x01\x01\x01\0', 'PROXY': f'PROXY TCP4 10.0.0.1 10.0.0.2 1 443\r\n{GET}',
    'PROXY 2': b'\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c' + b'\1' * 12, 'TLS': b'\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03', 'HTTP/0.9': 'GET /\r\n\r\n',
    'RTSP': 'DESCRIBE rtsp://evil.example.com/ RTSP/1.0\r\n\r\n', 'HTTP/3': GET.replace('HTTP/1.1', 'HTTP/3.0'), 'Redis': '*1\r\n$4\r\nINFO\r\n', 'HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
}.items():
    attempt(label, lambda: raw(data))`),
    verify: expectNoneServed,
  },
  {
    id: 'tunnel-request-targets',
    group: 'network',
    tries: 'name another host in the request target than in Host or the tunnel: absolute form, other schemes, asterisk',
    wall: 'target, Host and tunnel must name one origin',
    invariant: 2,
    script: wireScript(String.raw`${PRELUDE}
def inside(target, host=GIT):
    return through(f'GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n')
def proxied(target, host=GIT):
    return raw(f'GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n')
for target in ['http://evil.example.com/', 'https://evil.example.com/', f'https://{GIT}/x', '*', '//evil.example.com/x@'+ 'a' * 3 + '\\', '/a\\..\\b', '/a#b', '/\xe9', '/a\tb', '/a b']:
    attempt('inside ' + repr(target), lambda: inside(target))
for target in [f'https://{GIT}/x', f'http://{GIT}/x', 'ftp://evil.example.com/', 'file:///etc/passwd', 'gopher://evil.example.com:70/', 'unix:/run/docker.sock', '/', 'http:///x', 'http:/evil.example.com/', 'http://evil.example.com\\@' + GIT + '/', 'HTTP://user:secret@evil.example.com/']:
    attempt('proxied ' + repr(target), lambda: proxied(target))
attempt('Host elsewhere', lambda: proxied('http://evil.example.com/', GIT))
attempt('no Host', lambda: raw('GET http://evil.example.com/ HTTP/1.1\r\n\r\n'))`),
    verify(outcome) {
      for (const { label, statuses } of told(outcome))
        expect([label, [[400], [404], [421]]]).toEqual([label, expect.arrayContaining([statuses])])
      expectRecorded(outcome, told(outcome).length)
      expect(JSON.stringify(outcome.of('net.requested'))).not.toMatch(/secret/)
    },
  },
]
