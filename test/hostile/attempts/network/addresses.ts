// Attempts on addresses to which the gateway must never connect for a sandbox, in every spelling. A careless policy permits
// everything here (`reach: [anywhere]`), so that only the wall of the gateway itself is tested.
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'
import { told, wireScript } from '../../inside-python.ts'
import { expectRefused } from './refused-requests.ts'

/** Requests each host by plain HTTP and through CONNECT. */
function asking(hosts: readonly string[]): string {
  return wireScript(`
import json
HOSTS = json.loads(r'''${JSON.stringify(hosts)}''')
def plain(host):
    return raw((f'GET http://{host}/latest/meta-data/ HTTP/1.1\\r\\nHost: {host}\\r\\nConnection: close\\r\\n\\r\\n').encode())
def tunnelled(host):
    name = host if host[0] not in '0123456789[' else None
    return through(f'GET / HTTP/1.1\\r\\nHost: {host}\\r\\nConnection: close\\r\\n\\r\\n'.encode(), host + ':443', name)
all_at_once([(f'http {host}', lambda host=host: plain(host)) for host in HOSTS])
all_at_once([(f'CONNECT {host}', lambda host=host: tunnelled(host)) for host in HOSTS])`)
}

/** The gateway's possible reasons for refusing an address. */
const NEVER = /never dials|not acceptable|can't be read as HTTP|Forbidden by policy: no-metadata-addresses|SNI/

function addresses(id: string, tries: string, hosts: readonly string[]): Attempt {
  return {
    id,
    group: 'network',
    tries,
    wall: 'the gateway parses hosts strictly and dials public addresses only',
    invariant: 2,
    reach: ['anywhere'],
    script: asking(hosts),
    verify(outcome) {
      expectNever(outcome)
    },
  }
}

function expectNever(outcome: Parameters<Attempt['verify']>[0]): void {
  const tries = told(outcome)
  for (const { label, statuses, text } of tries) {
    expect([label, text]).toEqual([label, expect.stringMatching(NEVER)])
    expect([label, statuses.length]).toEqual([label, 1])
    expect([label, [400, 403, 421]]).toEqual([label, expect.arrayContaining(statuses)])
  }
  const requests = outcome.of('net.requested').filter(({ body }) => body.status >= 400)
  expect(requests.length).toBeGreaterThanOrEqual(tries.length)
  for (const { body } of requests) expect(body).toMatchObject({ note: expect.stringMatching(NEVER), responseBytes: 0 })
}

export const ADDRESSES: readonly Attempt[] = [
  addresses('address-metadata', 'ask the gateway for the metadata services of clouds', [
    '169.254.169.254',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '[fd00:ec2::254]',
    '[fd20:ce::254]',
  ]),
  addresses('address-numbers', 'write an address as one number, octal, hexadecimal, short or padded', [
    '2852039166',
    '0xa9fea9fe',
    '0xA9.0xFE.0xA9.0xFE',
    '025177524776',
    '0251.0376.0251.0376',
    '169.254.43518',
    '169.16689662',
    '0169.0254.0169.0254',
    '169.254.169.254.',
    '127.1',
    '0',
    '127.0.0.01',
    '4294967295',
    '1.2.3.4.5',
  ]),
  addresses('address-mapped', 'hide an IPv4 address in an IPv6 one: mapped, compatible, NAT64, 6to4, Teredo, ISATAP', [
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[::169.254.169.254]',
    '[64:ff9b::169.254.169.254]',
    '[64:ff9b:1::a9fe:a9fe]',
    '[2002:a9fe:a9fe::]',
    '[2001:0:a9fe:a9fe::]',
    '[fe80::5efe:169.254.169.254]',
    '[0:0:0:0:0:ffff:7f00:1]',
  ]),
  addresses('address-zones-and-brackets', 'use zone ids, IPvFuture, doubled brackets and invalid ports', [
    '[fe80::1%25eth0]',
    '[fe80::1%lo]',
    '[::1%25lo]',
    '[v1.fe80]',
    '[[::1]]',
    '[::1',
    '::1',
    '[::1]x',
    '[1::2::3]',
  ]),
  addresses('address-private', 'ask for loopback, private, shared, documentation, multicast and broadcast addresses', [
    '127.0.0.1',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.0.1',
    '100.64.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '[::]',
    '[::1]',
    '[fc00::1]',
    '[fe80::1]',
    '[ff02::1]',
    '[2001:db8::1]',
    '[100::1]',
  ]),
  addresses(
    'address-names',
    'use names that lead inside: localhost in variants, metadata names, other scripts, escapes',
    [
      'localhost',
      'LOCALHOST',
      'localhost.',
      'metadata.google.internal',
      'metadata',
      'instance-data',
      'instance-data.ec2.internal',
      '%31%36%39.254.169.254',
      '\u00ef\u00bc\u0091\u00ef\u00bc\u0096\u00ef\u00bc\u0099.254.169.254',
      '\u00e2\u0091\u00a0\u00e2\u0091\u00a5\u00e2\u0091\u00a8.254.169.254',
      '169\u00e3\u0080\u0082254\u00e3\u0080\u0082169\u00e3\u0080\u0082254',
      'xn--169-254-169-254-.com',
      'git.glovebox.internal.169.254.169.254',
    ],
  ),
  {
    id: 'address-own',
    group: 'network',
    tries: "ask the gateway for the addresses and names of the machine it runs on, and for its other services' ports",
    wall: 'the gateway does not dial the networks that the machine has an address in',
    invariant: 2,
    reach: ['anywhere'],
    script: wireScript(`
import json
hosts = ['127.0.0.1:22', '127.0.0.1:2375', '127.0.0.1:8118', 'localhost:6443', '[::1]:10250', '0.0.0.0:5432', 'localhost:1', 'git.glovebox.internal:8118']
for host in hosts:
    attempt(host, lambda: raw(f'GET http://{host}/ HTTP/1.1\\r\\nHost: {host}\\r\\nConnection: close\\r\\n\\r\\n'))`),
    verify(outcome) {
      const inner = told(outcome).slice(0, -1)
      for (const { label, text } of inner) expect([label, text]).toEqual([label, expect.stringMatching(NEVER)])
      expect(told(outcome).at(-1)?.text).toMatch(/over https only|could not be resolved|never dials/)
    },
  },
  {
    id: 'address-doh',
    group: 'network',
    tries: 'resolve names through DNS over HTTPS, by GET, POST and the JSON form',
    wall: 'default deny: no policy permits a host outside the task’s `reach`',
    invariant: 6,
    script: wireScript(String.raw`
def ask(host, line, body=''):
    return through(f'{line} HTTP/1.1\r\nHost: {host}\r\nAccept: application/dns-message\r\nContent-Type: application/dns-message\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}', host + ':443', host if host[0] not in '01' else None)
for host in ['cloudflare-dns.com', 'dns.google', 'dns.quad9.net', '1.1.1.1', 'doh.opendns.com']:
    attempt('GET ' + host, lambda: ask(host, 'GET /dns-query?dns=AAABAAABAAAAAAAAB2V4YW1wbGUDY29tAAABAAE'))
    attempt('POST ' + host, lambda: ask(host, 'POST /dns-query', 'x' * 40))
    attempt('JSON ' + host, lambda: ask(host, 'GET /resolve?name=secret.example.com&type=TXT'))`),
    verify(outcome) {
      expectRefused(outcome, [403])
      const denied = outcome.of('policy.decided').filter(({ body }) => body.action === 'connect')
      expect(denied.length).toBe(15)
      expect(denied.every(({ body }) => !body.allowed)).toBe(true)
      expect(outcome.of('net.requested').map(({ body }) => body.url)).toContain(
        'https://dns.google/resolve?name=secret.example.com&type=TXT',
      )
    },
  },
]
