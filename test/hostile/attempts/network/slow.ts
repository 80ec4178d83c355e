// Attempts with slow, large and endless requests: they end with the run and harm nobody else.
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'
import { told, wireScript } from '../../inside-python.ts'
import { expectOnlyGit, expectRecorded, expectSoundRun } from './refused-requests.ts'

const wall = 'bounds on connections, headers and bodies; open ones are closed when the step ends'

export const SLOW: readonly Attempt[] = [
  {
    id: 'slow-left-open',
    group: 'network',
    tries: 'leave hundreds of unfinished requests, tunnels and handshakes open when the step ends',
    wall,
    invariant: 11,
    script: wireScript(String.raw`
halves = [b'', b'G', b'GET http://a.example.com/ HTTP/1.1\r\nHost: a', f'CONNECT {GIT}:443 HTTP/1.1\r\nHost: {GIT}:443\r\n\r\n'.encode(), f'CONNECT {GIT}:443 HTTP/1.1\r\nHost: {GIT}:443\r\n\r\n'.encode() + b'\x16\x03\x01\x02\0\x01', b'POST http://a.example.com/ HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: 1000000\r\n\r\nx', b'POST http://a.example.com/ HTTP/1.1\r\nHost: a.example.com\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nx']
left = []
for at in range(210):
    left.append(dial())
    send(left[-1], halves[at % len(halves)])
tell('left open', str(len(left)))
os._exit(0)`),
    verify(outcome) {
      expect(told(outcome)).toMatchObject([{ label: 'left open', text: '210' }])
      expectSoundRun(outcome)
      expectOnlyGit(outcome)
    },
  },
  {
    id: 'slow-connection-flood',
    group: 'network',
    tries: 'open more connections than the gateway takes, to prevent the collection of the run’s changes',
    wall,
    invariant: 11,
    mode: 'write',
    script: `${wireScript(String.raw`
left = []
try:
    while len(left) < 600:
        left.append(dial())
        send(left[-1], b'GET http://a.example.com/ HTTP/1.1\r\nHost')
except OSError as error:
    pass
tell('opened', str(len(left)))
os._exit(0)`)}
echo more >> README.md`,
    verify(outcome) {
      expect(told(outcome)).toHaveLength(1)
      expectSoundRun(outcome)
      expect(outcome.of('change.proposed')).toHaveLength(1)
    },
  },
  {
    id: 'slow-endless-bodies',
    group: 'network',
    tries: 'send endless headers and bodies, by length and chunked, to refused hosts',
    wall,
    invariant: 0,
    script: wireScript(String.raw`
def endless(head, part, most=90 << 20):
    sock = dial()
    send(sock, head)
    sent = 0
    try:
        while sent < most:
            sock.sendall(part)
            sent += len(part)
    except OSError:
        pass
    return until_closed(sock)
POST = b'POST http://a.example.com/ HTTP/1.1\r\nHost: a.example.com\r\n'
CHUNK = b'10000\r\n' + b'x' * 65536 + b'\r\n'
attempt('headers', lambda: endless(b'GET http://a.example.com/ HTTP/1.1\r\n', b'X: y\r\n' * 1000))
attempt('one header', lambda: endless(b'GET http://a.example.com/ HTTP/1.1\r\nX: ', b'y' * 65536))
attempt('length', lambda: endless(POST + b'Content-Length: 99999999999\r\n\r\n', b'x' * 65536))
attempt('chunked', lambda: endless(POST + b'Transfer-Encoding: chunked\r\n\r\n', CHUNK))
attempt('chunk extension', lambda: endless(POST + b'Transfer-Encoding: chunked\r\n\r\n1;', b'x' * 65536))`),
    verify(outcome) {
      for (const { statuses } of told(outcome)) expect(statuses.filter((status) => status < 400)).toEqual([])
      expectRecorded(outcome, 4)
      expectSoundRun(outcome)
    },
  },
]
