// Attempts on git's wire protocol by hand: framing, capabilities, services and places that no client uses.
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'
import { gitScript, told } from '../../inside-python.ts'
import { expectBadRequests, expectNoChange, expectNothingPushed, pushed } from './pushes.ts'

const wall = 'strict pkt-line and receive-pack parser'

export const PROTOCOL: readonly Attempt[] = [
  {
    id: 'wire-pkt-lines',
    group: 'git',
    tries: 'send pkt-lines with wrong, signed, short, overlong and missing lengths, delimiters, early ends',
    wall,
    invariant: 8,
    mode: 'write',
    script: gitScript(String.raw`
LINE = f'{ZERO} {BASE} {OWN}\0report-status'
for label, body in {
    'nothing': b'', 'no digits': b'zzzz', 'signed': b'+00a123456', 'space': b' 00a12345', '0x': b'0x0a1234', 'three': b'0003', 'empty': b'00040000', 'too long': b'fff5' + b'a' * 65521,
    'cut': b'00ff' + ZERO.encode(), 'no flush': pkt(LINE), 'delimiter': pkt(LINE) + b'00010000', 'response end': pkt(LINE) + b'0002' + b'0000', 'sideband': pkt(b'\x01' + LINE.encode()) + b'0000',
    'ERR': pkt('ERR x') + b'0000', 'no capabilities': pkt(LINE.split('\0')[0]) + b'0000', 'two NULs': pkt(LINE + '\0agent=x') + b'0000', 'LF in the name': pkt(LINE.replace(OWN, OWN + '\nrefs/heads/main')) + b'0000',
    'capabilities twice': pkt(LINE) + pkt(LINE.replace(OWN, OWN + '2')) + b'0000', 'upper case id': pkt(LINE.replace(BASE, BASE.upper())) + b'0000', 'short id': pkt(LINE.replace(BASE, BASE[:12])) + b'0000',
    'sha256': pkt(f'{"0" * 64} {"a" * 64} {OWN}\0report-status object-format=sha256') + b'0000', 'no report-status': pkt(LINE.replace('report-status', 'quiet')) + b'0000', 'tab': pkt(LINE.replace(' ', '\t')) + b'0000',
    'two spaces': pkt(LINE.replace(' ', '  ')) + b'0000', 'not UTF-8': pkt(LINE.encode().replace(b'heads', b'he\xffds')) + b'0000', 'unchanged': pkt(LINE.replace(ZERO, BASE)) + b'0000', 'both zero': pkt(LINE.replace(BASE, ZERO)) + b'0000',
    'only shallow': pkt(f'shallow {BASE}') + b'0000',
}.items():
    attempt(label, lambda: post('git-receive-pack', body + (b'' if label == 'no flush' else pack())))`),
    verify: (outcome) => expectBadRequests(outcome, [400, 413]),
  },
  {
    id: 'wire-split-lines',
    group: 'git',
    tries: 'split a push to main into single bytes and chunks, so that no part shows the target',
    wall,
    invariant: 8,
    mode: 'write',
    script: gitScript(String.raw`
def split(size):
    body = commands((ZERO, BASE, 'refs/heads/evil')) + pack()
    sock = tunnel()
    send(sock, f'POST {origin_path()}/git-receive-pack HTTP/1.1\r\nHost: {GIT}\r\nContent-Type: application/x-git-receive-pack-request\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n')
    for at in range(0, len(body), size):
        part = body[at:at + size]
        send(sock, f'{len(part):x}\r\n'.encode() + part + b'\r\n')
    send(sock, '0\r\n\r\n')
    return until_closed(sock)
for size in [1, 3, 5, 64]:
    attempt(f'{size} bytes', lambda: split(size))`),
    verify(outcome) {
      for (const { text } of told(outcome)) expect(text).toMatch(/ng refs\/heads\/evil this run may push only/)
      expectNothingPushed(outcome, 4, /may push only/)
    },
  },
  {
    id: 'wire-capabilities',
    group: 'git',
    tries: 'ask for push options, a push certificate, an unknown capability, a proc-receive or session id',
    wall: 'only offered capabilities are accepted',
    invariant: 8,
    mode: 'write',
    script: gitScript(String.raw`
for caps in ['report-status push-options', 'report-status push-cert=nonce', 'report-status report-status-v2', 'report-status object-info', 'report-status no-such', 'report-status session-id=x', 'report-status agent=' + 'a' * 400]:
    attempt(caps[:40], lambda: push([(ZERO, BASE, OWN)], caps=caps))
attempt('options sent', lambda: post('git-receive-pack', commands((ZERO, BASE, OWN), caps='report-status push-options') + pkt('ci.skip') + b'0000' + pack()))
print(git('push', '-o', 'ci.skip', 'origin', f'HEAD:{OWN}', check=False))`),
    verify(outcome) {
      for (const { label, text } of told(outcome))
        expect([label, text]).toEqual([label, expect.stringContaining('not offered here: ')])
      expect(outcome.stdout).toMatch(/does not support push options/)
      expectNothingPushed(outcome, 8, /not offered here/)
    },
  },
  {
    id: 'wire-certificates',
    group: 'git',
    tries: 'sign a push: with a certificate by hand, and git push --signed',
    wall,
    invariant: 8,
    mode: 'write',
    script: gitScript(String.raw`
CERT = pkt('push-cert\0report-status') + pkt('certificate version 0.1\n') + pkt('pusher x <x@example.com> 0 +0000\n') + pkt('nonce x\n') + pkt('\n') + pkt(f'{ZERO} {BASE} refs/heads/main\n') + pkt('push-cert-end\n') + b'0000'
attempt('certificate', lambda: post('git-receive-pack', CERT + pack()))
attempt('certificate and a command', lambda: post('git-receive-pack', CERT[:-4] + pkt(f'{ZERO} {BASE} {OWN}') + b'0000' + pack()))
print(git('push', '--signed', 'origin', f'HEAD:{OWN}', check=False))`),
    verify(outcome) {
      expectBadRequests(outcome, [400])
      expect(outcome.stdout).toMatch(/does not support --signed/)
    },
  },
  {
    id: 'wire-encodings',
    group: 'git',
    tries: 'compress a push to main: twice, with other encodings, as a bomb, truncated',
    wall: 'gzip is decompressed before parsing, within bounds; other encodings are refused',
    invariant: 8,
    mode: 'write',
    script: gitScript(String.raw`
def gz(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()
EVIL = commands((ZERO, BASE, 'refs/heads/evil')) + pack()
attempt('gzip', lambda: post('git-receive-pack', gz(EVIL), headers='Content-Encoding: gzip\r\n'))
attempt('x-gzip', lambda: post('git-receive-pack', gz(EVIL), headers='Content-Encoding: X-GZIP\r\n'))
attempt('bomb behind it', lambda: post('git-receive-pack', gz(EVIL + bytes(48 << 20)), headers='Content-Encoding: gzip\r\n'))
for label, headers, body in [('not gzip', 'gzip', EVIL), ('twice', 'gzip, gzip', gz(gz(EVIL))), ('deflate', 'deflate', zlib.compress(EVIL)), ('br', 'br', EVIL), ('zstd', 'zstd', EVIL), ('cut', 'gzip', gz(EVIL)[:40]), ('bomb', 'gzip', gz(bytes(48 << 20))), ('two members', 'gzip', gz(EVIL[:50]) + EVIL[50:])]:
    attempt(label, lambda: post('git-receive-pack', body, headers=f'Content-Encoding: {headers}\r\n'))`),
    verify(outcome) {
      const [gzip, xGzip, behind, ...others] = told(outcome)
      for (const answer of [gzip, xGzip, behind])
        expect(answer?.text).toContain('ng refs/heads/evil this run may push only')
      for (const { label, statuses } of others)
        expect([label, [[400], [413]]]).toEqual([label, expect.arrayContaining([statuses])])
      expectNothingPushed(outcome, 3, /may push only/)
    },
  },
  {
    id: 'wire-write-by-fetching',
    group: 'git',
    tries: 'send a push to the fetch service and a fetch to the push service, with either content type',
    wall: 'each service has its own parser',
    invariant: 8,
    mode: 'write',
    script: gitScript(String.raw`
PUSH = commands((ZERO, BASE, OWN)) + pack()
FETCH = pkt(f'want {BASE} ofs-delta\n') + b'0000' + pkt('done\n')
attempt('push to fetch', lambda: post('git-upload-pack', PUSH))
attempt('push to fetch, v2', lambda: post('git-upload-pack', PUSH, headers=V2))
attempt('push to fetch, its type', lambda: post('git-upload-pack', PUSH, content_type='application/x-git-receive-pack-request'))
attempt('fetch to push', lambda: post('git-receive-pack', FETCH))
attempt('push as a form', lambda: post('git-receive-pack', PUSH, content_type='application/x-www-form-urlencoded'))
attempt('push as text', lambda: post('git-receive-pack', PUSH, content_type='application/x-git-receive-pack-request; charset=x'))
attempt('archive', lambda: post('git-upload-archive', pkt('argument --remote=x') + b'0000'))
attempt('PUT', lambda: through(f'PUT {origin_path()}/git-receive-pack HTTP/1.1\r\nHost: {GIT}\r\nContent-Type: application/x-git-receive-pack-request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'))`),
    verify: (outcome) => expectBadRequests(outcome, [400, 403, 415]),
  },
  {
    id: 'wire-paths',
    group: 'git',
    tries: 'leave the repository by its URL: dots, slashes, escapes, other repositories, other git services',
    wall: 'allow-list: one repository, four requests',
    invariant: 4,
    mode: 'write',
    script: gitScript(String.raw`
PLACE = origin_path()
QUERY = '/info/refs?service=git-upload-pack'
for path in ['/other.git' + QUERY, '/../../../../etc/passwd', '/..%2f..%2fetc/passwd', PLACE + '/../other.git' + QUERY, PLACE + '/%2e%2e/other.git' + QUERY, '/' + PLACE + QUERY, PLACE + '//info/refs?service=git-upload-pack',
             PLACE + '/./../../x' + QUERY, PLACE.replace('.git', '%2egit') + QUERY, PLACE.upper() + QUERY, PLACE + '%00' + QUERY, PLACE + ';x' + QUERY, PLACE + '/info/refs%3fservice=git-upload-pack',
             PLACE + '/info/refs?service=git-upload-pack&service=git-receive-pack', PLACE + '/info/refs?service=git-upload-pack%00', PLACE + '/info/refs?service=git-upload-archive', PLACE + '/info/refs?service=git-upload-pack;sh', PLACE + '/info/refs?service=--help', '/', PLACE, '/glovebox.git' + QUERY]:
    attempt('GET ' + path, lambda: get(path))
PUSH = commands((ZERO, BASE, OWN)) + pack()
for path in ['/other.git/git-receive-pack', PLACE + '/../other.git/git-receive-pack', PLACE + '/git-receive-pack/', PLACE + '/git-receive-pack?x', PLACE + '/%67it-receive-pack', PLACE + '/git-receive-pack/../git-receive-pack/x']:
    attempt('POST ' + path, lambda: post('git-receive-pack', PUSH, path))`),
    verify: (outcome) => expectBadRequests(outcome, [403, 404]),
  },
  {
    id: 'wire-dumb-http',
    group: 'git',
    tries: 'read repository files as dumb HTTP does: config, HEAD, alternates, packs, loose objects, hooks',
    wall: 'allow-list: one repository, four requests',
    invariant: 4,
    script: gitScript(String.raw`
for name in ['config', 'HEAD', 'info/refs', 'info/refs?service=', 'packed-refs', 'objects/info/alternates', 'objects/info/http-alternates', 'objects/info/packs', 'objects/pack/', f'objects/{BASE[:2]}/{BASE[2:]}', 'refs/heads/main', 'hooks/post-update', 'shallow', 'logs/HEAD', 'description', 'info/exclude', 'git-upload-pack', '.git/config', 'info/lfs/objects/batch']:
    attempt(name, lambda: get(origin_path() + '/' + name))
print(git('-c', 'http.followRedirects=true', 'ls-remote', f'https://{GIT}/other.git', check=False))`),
    verify: (outcome) => expectBadRequests(outcome, [403]),
  },
  {
    id: 'wire-broken-off',
    group: 'git',
    tries: 'break off a push: after half of the commands, after half of the pack, a stuck client while another pushes',
    wall: 'no ref moves before the whole pack arrived; the end of a connection cancels its push',
    invariant: 3,
    mode: 'write',
    script: gitScript(String.raw`
def begin(body, length):
    sock = tunnel()
    send(sock, f'POST {origin_path()}/git-receive-pack HTTP/1.1\r\nHost: {GIT}\r\nContent-Type: application/x-git-receive-pack-request\r\nContent-Length: {length}\r\n\r\n'.encode() + body)
    return sock
BODY = commands((ZERO, BASE, OWN)) + pack()
for part in [10, 60, len(BODY) - 10, len(BODY) - 1]:
    begin(BODY[:part], len(BODY)).close()
stuck = begin(BODY[:-10], len(BODY))
tell('stuck', 'left open')
print(git('ls-remote', 'origin'))`),
    verify(outcome) {
      expect(outcome.stdout).not.toContain('refs/heads/glovebox')
      expect(pushed(outcome).filter(({ accepted }) => accepted)).toEqual([])
      expect(outcome.run.status).toBe('succeeded')
      expectNoChange(outcome)
    },
  },
]
