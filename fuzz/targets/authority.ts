// Target: host[:port]. The URL standard, net.isIP and the list of forbidden addresses must agree on an accepted
// authority.
import { isIPv4, isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'
import {
  authorityText,
  bareHost,
  parseAuthority,
  sameAuthority,
  type Authority,
} from '../../src/gateway/egress/authority.ts'
import { addressRefusal, isWithin } from '../../src/gateway/egress/forbidden-address.ts'
import { recordableUrl } from '../../src/gateway/egress/recordable-url.ts'
import { GatewayError } from '../../src/gateway/gateway-error.ts'
import { attempt, must, mustEqual, type Target } from '../target.ts'

function run(input: Uint8Array): string {
  const text = Buffer.from(input).toString('utf8')
  const shown = recordableUrl(text, null)
  must(!/[\u0000-\u001f\u007f-\u009f]/.test(shown), () => `${JSON.stringify(shown)} would reach a terminal`)
  addressRefusal(text)
  const read = attempt(() => parseAuthority(text, 443), GatewayError)
  const strict = attempt(() => parseAuthority(text, null), GatewayError)
  if (read.value === null) {
    must(strict.value === null, () => 'accepted only without a default port')
    return read.why
  }
  mustEqual(strict.value, /:\d+$/.test(text.replace(/^\[.*\]/, '')) ? read.value : null, 'with its port')
  for (const scheme of ['http', 'https'] as const) checkUrl(text, read.value, scheme)
  checkHost(read.value)
  const again = parseAuthority(authorityText(read.value), null)
  must(sameAuthority(again, read.value) && again.kind === read.value.kind, () => 'differs after writing and reading')
  return `taken: ${read.value.kind} ${read.value.host.includes('xn--')} ${addressOf(read.value)}`
}

function checkUrl(text: string, { host, port }: Authority, scheme: 'http' | 'https'): void {
  const url = new URL(`${scheme}://${text}${/:\d+$/.test(text.replace(/^\[.*\]/, '')) ? '' : ':443'}/`)
  const seen = [url.hostname, Number(url.port || (scheme === 'http' ? 80 : 443))]
  mustEqual(
    [...seen, url.username, url.password, url.pathname, url.search, url.hash],
    [host, port, '', '', '/', '', ''],
    'URL',
  )
}

function checkHost({ host, kind, port }: Authority): void {
  const bare = bareHost(host)
  must(port >= 1 && port <= 65_535, () => `port ${port}`)
  must(isIPv4(bare) === (kind === 'ipv4') && isIPv6(bare) === (kind === 'ipv6'), () => `${host} is not ${kind}`)
  must(
    kind !== 'name' || (domainToASCII(host) === host && host === host.toLowerCase()),
    () => `${host} has another normal form`,
  )
}

/** Checks that every spelling of an address gets the same verdict. */
function addressOf({ host, kind }: Authority): string {
  if (kind === 'name') return ''
  const bare = bareHost(host)
  const refusal = addressRefusal(bare)
  const private4 = ['10.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16', '0.0.0.0/8']
  const private6 = ['::1/128', 'fc00::/7', 'fe80::/10', '::ffff:0:0/96', '64:ff9b::/96', '2002::/16', '2001::/32']
  if (isWithin(bare, [...private4, ...private6])) must(refusal !== null, () => `${bare} would be dialled`)
  return refusal ?? 'public'
}

export const target: Target = {
  name: 'authority',
  covers: [
    'src/gateway/egress/authority.ts',
    'src/gateway/egress/forbidden-address.ts',
    'src/gateway/egress/recordable-url.ts',
  ],
  dictionary: [
    ...['.', ':', '[', ']', '@', '/', '%', '\\', '#', '?', 'xn--', '0x', '::', 'ffff', ':443', ':80', ':0', ':65535'],
    ...['\0', ' ', '\t', '\u3002', '\u00df', '\uff0e', '\u200d', '\u2100', '%2e', '%lo', 'localhost', '127.0.0.1'],
    ...[
      '169.254.169.254',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[64:ff9b::7f00:1]',
      '[fd00:ec2::254]',
      'http://',
      'https://',
    ],
  ],
  maxBytes: 400,
  seeds: () => [
    ...['example.com:443', 'EXAMPLE.com', 'xn--bcher-kva.example:8443', '93.184.215.14:1', '[2001:DB8:0:0::1]:65535'],
    ...[
      '[::ffff:1.2.3.4]:443',
      '0x7f.1',
      '2130706433:443',
      '017700000001',
      'u:p@a:443',
      'a.b.c.d-e:1',
      'b\u00fccher:443',
    ],
    ...['https://user:secret@host/path', '[2606:4700:4700::1111]:443', 'localhost:80', '[64:ff9b::a9fe:a9fe]:80'],
  ],
  run,
}
