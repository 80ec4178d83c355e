// Attempts on the npm registry, which is for reading packages, with a credential that never enters the sandbox.
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'
import { told, wireScript } from '../../inside-python.ts'
import { expectRefused, expectSoundRun } from './refused-requests.ts'

const PRELUDE = String.raw`
from urllib.parse import urlsplit
REGISTRY = urlsplit(os.environ['npm_config_registry'])
PORT = REGISTRY.port or (443 if REGISTRY.scheme == 'https' else 80)
def npm(method, path, body='', more=''):
    base = REGISTRY.path.rstrip('/')
    data = body if isinstance(body, bytes) else body.encode()
    rest = f'HTTP/1.1\r\nHost: {REGISTRY.netloc}\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n{more}Connection: close\r\n\r\n'.encode() + data
    if REGISTRY.scheme == 'http':
        return raw(f'{method} http://{REGISTRY.netloc}{base}{path} '.encode() + rest)
    return through(f'{method} {base}{path} '.encode() + rest, f'{REGISTRY.hostname}:{PORT}', REGISTRY.hostname)
`

const wall = 'the registry service only serves the paths of installing and auditing, read-only'

export const REGISTRY: readonly Attempt[] = [
  {
    id: 'npm-writes',
    group: 'network',
    tries: 'publish, unpublish, deprecate, tag, log in, make tokens, add owners and hooks at the registry',
    wall,
    invariant: 1,
    reach: ['npm'],
    script: wireScript(String.raw`${PRELUDE}
for method, path in [('PUT', '/left-pad'), ('PUT', '/@scope%2fleft-pad'), ('DELETE', '/left-pad/-rev/1-a'), ('DELETE', '/left-pad/-/left-pad-1.0.0.tgz/-rev/1'), ('PUT', '/left-pad/-rev/1'), ('PUT', '/-/package/left-pad/dist-tags/latest'), ('POST', '/-/package/left-pad/dist-tags'), ('DELETE', '/-/package/left-pad/dist-tags/latest'),
                     ('PUT', '/-/user/org.couchdb.user:x'), ('POST', '/-/v1/login'), ('POST', '/-/npm/v1/tokens'), ('DELETE', '/-/npm/v1/tokens/token/x'), ('DELETE', '/-/user/token/x'), ('PUT', '/-/org/x/user'), ('PUT', '/-/team/x/y/package'), ('POST', '/-/npm/v1/hooks/hook'), ('POST', '/-/npm/v1/user'), ('PATCH', '/left-pad'), ('OPTIONS', '/left-pad'), ('PROPFIND', '/')]:
    attempt(method + ' ' + path, lambda: npm(method, path, '{"_id": "left-pad"}'))`),
    verify(outcome) {
      expectRefused(outcome, [403])
      for (const { text } of told(outcome)) expect(text).toContain('read-only here')
      expectSoundRun(outcome)
    },
  },
  {
    id: 'npm-account',
    group: 'network',
    tries:
      'read the account behind the credential of the gateway: whoami, tokens, profile, organisations, all packages',
    wall,
    invariant: 1,
    reach: ['npm'],
    script: wireScript(String.raw`${PRELUDE}
for path in ['/-/whoami', '/-/npm/v1/tokens', '/-/npm/v1/user', '/-/org/x/package', '/-/team/x/y/user', '/-/all', '/-/user/org.couchdb.user:x', '/-/npm/v1/hooks', '/-/v1/done', '/_all_docs', '/-/package/x/collaborators', '/-/package/x/access', '/-/_view/byField', '/', '/-/', '/-/ping/../whoami', '/-/npm/v1/keys/../user']:
    attempt(path, lambda: npm('GET', path))`),
    verify: (outcome) => expectRefused(outcome, [403]),
  },
  {
    id: 'npm-paths',
    group: 'network',
    tries:
      'reach the account by paths that two parsers decode differently: dots, escapes, doubled slashes, queries, backslashes',
    wall,
    invariant: 1,
    reach: ['npm'],
    script: wireScript(String.raw`${PRELUDE}
for path in ['/left-pad/../-/whoami', '/left-pad/%2e%2e/-/whoami', '/%2d/whoami', '/-%2fwhoami', '/left-pad/..%2f-/whoami', '/@a%2f..%2f-%2fwhoami', '/@a%2F%2e%2e%2F-/whoami', '//-/whoami', '/x//-/whoami', '/left-pad/-/../../-/whoami.tgz', '/left-pad/-/%2e%2e%2f%2e%2e%2f-%2fwhoami.tgz', '/left-pad/-/..%5c..%5cwhoami.tgz', '/-/whoami?x=.tgz', '/-/whoami;.tgz', '/-/whoami%3f.tgz', '/-/whoami%00.tgz', '/-/npm/v1/tokens#.tgz', '/left-pad?write=true', '/left-pad/-/left-pad-1.0.0.tgz?token=secret', '/%252d/whoami', '/@%2fwhoami', '/@-/whoami/-/x', '/-/npm/v1/attestations/../tokens@1', '/-/npm/v1/attestations/x%2f..%2f..%2ftokens@1', '/a' * 300]:
    attempt(path[:80], lambda: npm('GET', path))`),
    verify: (outcome) => expectRefused(outcome, [400, 403]),
  },
  {
    id: 'npm-advisories-abuse',
    group: 'network',
    tries:
      'abuse the one endpoint that takes a body: other methods, invalid JSON, floods of names, gzip bombs, depth, the old audit',
    wall: 'questions about advisories are parsed, bounded and asked one at a time',
    invariant: 6,
    reach: ['npm'],
    script: wireScript(String.raw`${PRELUDE}
import zlib
BULK = '/-/npm/v1/security/advisories/bulk'
def gz(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()
attempt('GET', lambda: npm('GET', BULK))
attempt('PUT', lambda: npm('PUT', BULK, '{}'))
attempt('query', lambda: npm('POST', BULK + '?x=1', '{}'))
for label, body in {'no JSON': 'x', 'list': '[]', 'null': 'null', 'number': '{"a": 1}', 'prototype': '{"__proto__": 1}', 'prototype of names': '{"__proto__": {"a": ["1.0.0"]}}', 'no versions': '{"a": "1.0.0"}', 'deep': '[' * 100000, 'long': '{"a": ["' + 'x' * (5 << 20) + '"]}'}.items():
    attempt(label, lambda: npm('POST', BULK, body))
attempt('names', lambda: npm('POST', BULK, json.dumps({f'p{at}': ['1.0.0'] for at in range(200000)})))
attempt('bomb', lambda: npm('POST', BULK, gz(bytes(40 << 20)), 'Content-Encoding: gzip\r\n'))
attempt('other encoding', lambda: npm('POST', BULK, b'x', 'Content-Encoding: br\r\n'))
attempt('quick audit', lambda: npm('POST', '/-/npm/v1/security/audits/quick', '{}'))
attempt('full audit', lambda: npm('POST', '/-/npm/v1/security/audits', '{}'))`),
    verify(outcome) {
      for (const { label, statuses, text } of told(outcome))
        expect([label, text, [[400], [403], [413]]]).toEqual([label, text, expect.arrayContaining([statuses])])
      expectSoundRun(outcome)
    },
  },
  {
    id: 'npm-without-reach',
    group: 'network',
    tries: 'use the registry in a run whose task does not reach it, by package, tarball, search and audit',
    wall: 'default deny: policy `npm-registry` requires `reach: [npm]`',
    invariant: 6,
    script: wireScript(String.raw`${PRELUDE}
for method, path in [('GET', '/left-pad'), ('HEAD', '/left-pad'), ('GET', '/left-pad/-/left-pad-1.3.0.tgz'), ('GET', '/-/v1/search?text=secret'), ('GET', '/-/ping'), ('POST', '/-/npm/v1/security/advisories/bulk')]:
    attempt(method + ' ' + path, lambda: npm(method, path, '{}' if method == 'POST' else ''))`),
    verify(outcome) {
      expectRefused(outcome, [403])
      expect(
        outcome.of('policy.decided').filter(({ body }) => body.action === 'connect' && !body.allowed),
      ).toHaveLength(6)
    },
  },
  {
    id: 'npm-credentials-inside',
    group: 'network',
    tries: "look for the machine's npm credentials: npmrc files of every kind, the environment",
    wall: 'the gateway adds credentials outside the sandbox',
    invariant: 1,
    reach: ['npm'],
    script: `cat ~/.npmrc /root/.npmrc /etc/npmrc /usr/etc/npmrc /etc/glovebox/npmrc 2>/dev/null | sed 's/^/file: /'
env | grep -iE '(_auth|_password|token|secret)' | grep -v '^GIT_\\|GLOVEBOX' | sed 's/^/variable: /'
echo looked`,
    verify(outcome) {
      expect(outcome.stdout).toContain('looked')
      expect(outcome.stdout).not.toMatch(/_authToken|_password|_auth\s*=|^variable: /m)
      expect(outcome.of('credential.used')).toEqual([])
    },
  },
]
