// Attempts by redirects of a registry that an attacker owns or took over.
import { expect } from 'vitest'
import type { Attempt, AttemptGround, AttemptOutcome } from '../../attempt.ts'
import { told, wireScript } from '../../inside-python.ts'
import { REGISTRY_TOKEN } from '../../trap-registries.ts'
import type { TrapRegistries } from '../../trap-registries.ts'

const wall = 'each hop of a redirect is parsed, decided and recorded as a separate request'

const PRELUDE = String.raw`
import base64
PORT, ELSEWHERE = os.environ['TRAP_PORT'], os.environ['TRAP_ELSEWHERE']
def get(path):
    return raw(f'GET http://127.0.0.1:{PORT}{path} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nConnection: close\r\n\r\n')
def led_to(location, what='/-/x-1.0.0.tgz'):
    text = location.replace('PORT', PORT).replace('ELSEWHERE', ELSEWHERE)
    return get('/trap/@trap%2f' + base64.urlsafe_b64encode(text.encode('latin-1')).decode().rstrip('=') + what)
`

function registriesOf({ registries }: AttemptGround): TrapRegistries {
  if (registries === null) throw new Error('the battery has no registries for this attempt')
  return registries
}

function before(ground: AttemptGround): void {
  const { port, seen, elsewhere } = registriesOf(ground)
  for (const list of [seen, elsewhere.seen]) list.length = 0
  Object.assign(ground.env, { TRAP_PORT: String(port), TRAP_ELSEWHERE: String(elsewhere.port) })
}

function expectNothingCarried(outcome: AttemptOutcome, ground: AttemptGround): void {
  const { seen, elsewhere } = registriesOf(ground)
  expect(seen.filter((line) => line.includes(REGISTRY_TOKEN))).toEqual([])
  expect(elsewhere.seen).toEqual([])
  expect(outcome.of('credential.used')).toEqual([])
  expect(outcome.stdout + JSON.stringify(outcome.events)).not.toContain(REGISTRY_TOKEN)
}

/** Asserts that the first request got a redirect, and that the hop was refused as a separate request. */
function expectHopsRefused(outcome: AttemptOutcome): void {
  const tried = told(outcome)
  for (const { label, statuses, text } of tried)
    expect([label, text, [[403], [502]]]).toEqual([label, text, expect.arrayContaining([statuses])])
  const requests = outcome.of('net.requested').map(({ body }) => body)
  const hops = requests.filter(({ redirectedFrom }) => redirectedFrom !== undefined)
  expect([requests.filter(({ status }) => status === 302).length, hops.length]).toEqual([tried.length, tried.length])
  for (const { decision } of hops) expect(decision.allowed).toBe(false)
}

export const REDIRECTS: readonly Attempt[] = [
  {
    id: 'redirect-to-account',
    group: 'registries',
    tries: "redirect to the operator's other registry, at forbidden paths: tokens, whoami, in disguise",
    wall,
    invariant: 1,
    reach: ['npm', 'anywhere'],
    before,
    script: wireScript(String.raw`${PRELUDE}
for location in ['/corp/-/npm/v1/tokens', '/corp/-/whoami', '/corp/-/npm/v1/user', '//127.0.0.1:PORT/corp/-/whoami', 'http://127.0.0.1:PORT/corp/-/all',
                 '/corp/x/../-/whoami', '/corp/x/%2e%2e/-/whoami', '/corp//-/whoami', '/corp/%2d/whoami', '/corp/-%2fwhoami', '\\corp\\-\\whoami', '/corp/-/whoami#x.tgz',
                 '/corp/-/whoami?x=.tgz', '/corp/@corp%2fx?write=true', '/corp/-/npm/v1/security/advisories/bulk', '/trap/../corp/-/whoami', '../../../../corp/-/whoami', '\t/corp/-/whoami']:
    attempt(location, lambda: led_to(location))`),
    verify(outcome, ground) {
      expectHopsRefused(outcome)
      expectNothingCarried(outcome, ground)
      expect(registriesOf(ground).seen.filter((line) => line.startsWith('/corp/'))).toEqual([])
    },
  },
  {
    id: 'redirect-inside',
    group: 'registries',
    tries:
      'redirect into the network of the host: metadata, loopback, neighbours, other ports, out of TLS, other schemes',
    wall: `${wall}; the gateway connects to no private address`,
    invariant: 2,
    reach: ['npm', 'anywhere'],
    before,
    script: wireScript(String.raw`${PRELUDE}
for location in ['http://169.254.169.254/latest/meta-data/', 'https://169.254.169.254/', 'https://[fd00:ec2::254]/', 'https://[::ffff:169.254.169.254]/', 'https://10.0.0.1/x.tgz', 'https://192.168.1.1/', 'https://localhost:ELSEWHERE/x', 'https://127.0.0.1:ELSEWHERE/x',
                 'http://127.0.0.1:ELSEWHERE/x.tgz', 'http://localhost:PORT/corp/-/whoami', 'http://0x7f000001:ELSEWHERE/', 'https://0/', 'https://u:p@127.0.0.1:ELSEWHERE/', 'file:///etc/passwd', 'data:,x', 'gopher://127.0.0.1:ELSEWHERE/', 'https://', 'https://a b/', 'https://metadata.google.internal/']:
    attempt(location[:80], lambda: led_to(location))`),
    verify(outcome, ground) {
      expectHopsRefused(outcome)
      expectNothingCarried(outcome, ground)
    },
  },
  {
    id: 'redirect-in-circles',
    group: 'registries',
    tries: 'redirect in circles, to a redirect, and to package metadata of another registry',
    wall: `${wall}; at most three hops, to other hosts only for tarballs`,
    invariant: 3,
    reach: ['npm', 'anywhere'],
    before,
    script: wireScript(String.raw`${PRELUDE}
def wrap(location):
    return '/trap/@trap%2f' + base64.urlsafe_b64encode(location.encode()).decode().rstrip('=') + '/-/x-1.0.0.tgz'
attempt('to tokens by three hops', lambda: led_to(wrap(wrap('/corp/-/npm/v1/tokens'))))
attempt('four hops', lambda: led_to(wrap(wrap(wrap('/trap/@trap%2fx')))))
attempt('metadata elsewhere', lambda: led_to('/elsewhere', ''))`),
    verify(outcome, ground) {
      expect(told(outcome).map(({ label, statuses }) => [label, statuses])).toEqual([
        ['to tokens by three hops', [403]],
        ['four hops', [502]],
        ['metadata elsewhere', [403]],
      ])
      expectNothingCarried(outcome, ground)
      const statuses = outcome.of('net.requested').map(({ body }) => body.status)
      expect(statuses).toEqual([302, 302, 302, 403, 302, 302, 302, 302, 502, 302, 403])
    },
  },
  {
    id: 'registry-quotes-credential',
    group: 'registries',
    tries: 'reach a package of the other registry by a redirect, and make that registry quote its credential',
    wall: 'the gateway removes a registry’s credential from its answers and from kept headers',
    invariant: 1,
    reach: ['npm', 'anywhere'],
    before,
    script: wireScript(String.raw`${PRELUDE}
attempt('package', lambda: led_to('/corp/@corp%2fx'))
attempt('directly', lambda: get('/corp/@corp%2fx'))`),
    verify(outcome, ground) {
      for (const { label, statuses, text } of told(outcome)) {
        expect([label, statuses]).toEqual([label, [200]])
        expect(text).toMatch(/"quoted":"Bearer \*+"/)
      }
      const { seen } = registriesOf(ground)
      expect(seen.filter((line) => line.includes(REGISTRY_TOKEN))).toHaveLength(2)
      expect(seen.filter((line) => line.startsWith('/trap/') && line.includes(REGISTRY_TOKEN))).toEqual([])
      expect(outcome.of('credential.used')).toHaveLength(2)
      expect(outcome.stdout + JSON.stringify(outcome.events)).not.toContain(REGISTRY_TOKEN)
    },
  },
]
