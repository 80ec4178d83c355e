// Which addresses the gateway never dials. The gateway stands in the operator's network: without this a sandbox could
// reach its neighbours and the cloud's metadata service through it (SSRF), also by DNS rebinding.
import ipaddr from 'ipaddr.js'

// Public by its range, yet answered by the host the machine runs on: Azure's wire server.
const FORBIDDEN_V4: readonly string[] = ['168.63.129.16']

// IANA hands out global unicast IPv6 from this prefix only.
const GLOBAL_V6 = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number]

/** null when the address is a plain public one; otherwise what it is. What can't be read is refused. */
export function addressRefusal(address: string): string | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return ipv4Refusal(address)
  if (address.includes('%') || !ipaddr.IPv6.isValid(address)) return 'not an IP address'
  const parsed = ipaddr.IPv6.parse(address)
  // Mapped, NAT64, 6to4 and Teredo addresses carry an IPv4 address; all of them have a range of their own.
  if (parsed.range() !== 'unicast') return `a ${parsed.range()} address`
  return parsed.match(GLOBAL_V6) ? null : 'outside of global unicast'
}

function ipv4Refusal(address: string): string | null {
  const parsed = ipaddr.IPv4.parse(address)
  if (parsed.range() !== 'unicast') return `a ${parsed.range()} address`
  return FORBIDDEN_V4.includes(parsed.toString()) ? 'a metadata address' : null
}

/** `networks` in CIDR notation; of each, the kind that `address` is not of does not count. */
export function isWithin(address: string, networks: readonly string[]): boolean {
  const parsed = ipaddr.parse(address)
  return networks.some((network) => {
    const [base, bits] = ipaddr.parseCIDR(network.replace(/%[^/]*/, ''))
    return base.kind() === parsed.kind() && parsed.match(base, bits)
  })
}
