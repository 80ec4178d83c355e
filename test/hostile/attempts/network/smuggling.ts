// Request smuggling: two parsers of one stream disagree about the end of a request.
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'
import { told, wireScript } from '../../inside-python.ts'
import { expectNoneServed, expectRecorded, expectRefused, expectSoundRun } from './refused-requests.ts'

const PRELUDE = String.raw`
POST = f'POST /x HTTP/1.1\r\nHost: {GIT}\r\n'
GET = f'GET /x HTTP/1.1\r\nHost: {GIT}\r\n'
HIDDEN = f'GET /smuggled HTTP/1.1\r\nHost: {GIT}\r\nConnection: close\r\n\r\n'
CHUNKED = POST + 'Transfer-Encoding: chunked\r\n\r\n'
def each(cases):
    all_at_once([(label, lambda data=data: through(data)) for label, data in cases.items()])
`

const wall = 'strict HTTP parser; a refused request ends its connection'

/** `mayBreakOff`: the body is invalid, so the connection may end without an answer. */
function smuggling(id: string, tries: string, cases: string, { mayBreakOff = false } = {}): Attempt {
  return {
    id,
    group: 'network',
    tries,
    wall,
    invariant: 2,
    script: wireScript(`${PRELUDE}each({${cases}})`),
    verify(outcome) {
      if (mayBreakOff) expectNoneServed(outcome)
      else expectRefused(outcome)
      expectSoundRun(outcome)
      if (outcome.of('net.requested').some(({ body }) => body.url.includes('/smuggled')))
        throw new Error('the hidden request was read as a request')
    },
  }
}

export const SMUGGLING: readonly Attempt[] = [
  smuggling(
    'smuggle-content-length-and-chunked',
    'hide a request behind Content-Length together with Transfer-Encoding, in both orders',
    String.raw`'length first': POST + 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' + HIDDEN,
'chunked first': POST + 'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n' + HIDDEN,
'length nought': POST + 'Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' + HIDDEN,
'git push': f'POST /project.git/git-receive-pack HTTP/1.1\r\nHost: {GIT}\r\nContent-Type: application/x-git-receive-pack-request\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' + HIDDEN,`,
  ),
  smuggling(
    'smuggle-transfer-encoding-spellings',
    'write Transfer-Encoding so that only one of two parsers understands it',
    String.raw`'space before colon': POST + 'Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n' + HIDDEN,
'twice': POST + 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' + HIDDEN,
'twice, other coding': POST + 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n' + HIDDEN,
'list': POST + 'Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n' + HIDDEN,
'chunked not last': POST + 'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n' + HIDDEN,
'tab': POST + 'Transfer-Encoding:\tchunked, \r\n\r\n0\r\n\r\n' + HIDDEN,
'vertical tab': POST + 'Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n' + HIDDEN,
'in HTTP/1.0': POST.replace('1.1', '1.0') + 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n' + HIDDEN,
'folded': POST + 'Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n' + HIDDEN,`,
  ),
  smuggling(
    'smuggle-content-lengths',
    'give two lengths, a list, a sign, hexadecimal, spaces or more digits than fit as Content-Length',
    String.raw`'two': POST + 'Content-Length: 0\r\nContent-Length: 5\r\n\r\n' + HIDDEN,
'two that agree': POST + 'Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd' + HIDDEN,
'list': POST + 'Content-Length: 4, 4\r\n\r\nabcd' + HIDDEN,
'plus': POST + 'Content-Length: +4\r\n\r\nabcd' + HIDDEN,
'minus': POST + 'Content-Length: -1\r\n\r\n' + HIDDEN,
'hexadecimal': POST + 'Content-Length: 0x4\r\n\r\nabcd' + HIDDEN,
'inner space': POST + 'Content-Length: 1 1\r\n\r\nabcdefghijk' + HIDDEN,
'overflow': POST + 'Content-Length: 18446744073709551620\r\n\r\nabcd' + HIDDEN,
'underscore': POST + 'Content-Length: 1_0\r\n\r\nabcdefghij' + HIDDEN,`,
  ),
  smuggling(
    'smuggle-bare-line-ends',
    'end lines with a bare LF or a bare CR',
    String.raw`'LF only': f'GET /x HTTP/1.1\nHost: {GIT}\n\n' + HIDDEN,
'LF after a header': f'GET /x HTTP/1.1\r\nHost: {GIT}\nX: y\r\n\r\n' + HIDDEN,
'CR in a value': GET + 'X: a\rY: b\r\n\r\n' + HIDDEN,
'CR before the colon': GET + 'X\r: b\r\n\r\n' + HIDDEN,
'LF ends the headers': GET + 'X: y\n\n' + HIDDEN,
'CR CR LF': GET + 'X: y\r\r\n\r\n' + HIDDEN,`,
  ),
  smuggling(
    'smuggle-folded-headers',
    'fold a header over lines (obs-fold), also the first and the one that frames the body',
    String.raw`'folded': GET + 'X: a\r\n b\r\n\r\n' + HIDDEN,
'first': f'GET /x HTTP/1.1\r\n Host: {GIT}\r\n\r\n' + HIDDEN,
'tab': GET + 'X: a\r\n\tContent-Length: 5\r\n\r\n' + HIDDEN,
'length': POST + 'Content-Length:\r\n 4\r\n\r\nabcd' + HIDDEN,`,
  ),
  smuggling(
    'smuggle-names-that-are-no-tokens',
    'use header names that one parser trims and another ignores',
    String.raw`'space': GET + 'Content Length: 5\r\n\r\n' + HIDDEN,
'leading space': GET + 'X: y\r\n : z\r\n\r\n' + HIDDEN,
'parenthesis': GET + 'X(y): a\r\n\r\n' + HIDDEN,
'NUL in the name': GET + 'X\0: a\r\n\r\n' + HIDDEN,
'NUL in the value': GET + 'X: a\0b\r\n\r\n' + HIDDEN,
'no colon': GET + 'Xa\r\n\r\n' + HIDDEN,
'no name': GET + ': a\r\n\r\n' + HIDDEN,
'latin-1': GET + 'X\xe9: a\r\n\r\n' + HIDDEN,`,
  ),
  smuggling(
    'smuggle-chunk-sizes',
    'write chunk sizes, extensions and trailers that parsers disagree on',
    String.raw`'hexadecimal prefix': CHUNKED + '0x4\r\nabcd\r\n0\r\n\r\n' + HIDDEN,
'plus': CHUNKED + '+4\r\nabcd\r\n0\r\n\r\n' + HIDDEN,
'minus': CHUNKED + '-1\r\n\r\n' + HIDDEN,
'overflow': CHUNKED + 'ffffffffffffffffff\r\nabcd\r\n0\r\n\r\n' + HIDDEN,
'bare LF': CHUNKED + '4\nabcd\n0\n\n' + HIDDEN,
'LF in an extension': CHUNKED + '4;a\nb\r\nabcd\r\n0\r\n\r\n' + HIDDEN,
'no line end after data': CHUNKED + '4\r\nabcdX\r\n0\r\n\r\n' + HIDDEN,
'endless extension': CHUNKED + '4;' + 'a' * 100000 + '\r\nabcd\r\n0\r\n\r\n' + HIDDEN,
'trailer that is no header': CHUNKED + '0\r\nHost : evil.example\r\n\r\n' + HIDDEN,`,
    { mayBreakOff: true },
  ),
  {
    id: 'smuggle-trailers',
    group: 'network',
    tries: 'send Host, Content-Length, Authorization and Transfer-Encoding as trailers, after the decision',
    wall: 'trailers are ignored',
    invariant: 2,
    script: wireScript(
      String.raw`${PRELUDE}each({
'names and credentials': CHUNKED + '0\r\nHost: evil.example\r\nAuthorization: Bearer stolen\r\n\r\n' + HIDDEN,
'framing': CHUNKED + '0\r\nContent-Length: 50\r\nTransfer-Encoding: chunked\r\n\r\n' + HIDDEN})`,
    ),
    verify(outcome) {
      for (const { statuses } of told(outcome)) expect(statuses.filter((status) => status < 400)).toEqual([])
      expectRecorded(outcome, 2)
      expect(JSON.stringify(outcome.of('net.requested'))).not.toMatch(/evil\.example|stolen/)
    },
  },
  {
    id: 'smuggle-pipelined-flood',
    group: 'network',
    tries: 'pipeline thousands of requests on one connection and never read an answer',
    wall: 'bound on waiting requests of one connection',
    invariant: 3,
    script: wireScript(
      String.raw`${PRELUDE}
sock = tunnel()
send(sock, (GET + '\r\n').encode() * 3000)
attempt('flood', lambda: until_closed(sock))`,
    ),
    verify(outcome) {
      expectRecorded(outcome, 1)
      expect(outcome.of('net.requested').length).toBeLessThan(50)
      expect(JSON.stringify(outcome.of('net.requested'))).toContain('wait on one connection')
      expectSoundRun(outcome)
    },
  },
]
