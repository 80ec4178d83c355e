// Addresses that the gateway never dials. The gateway runs in the operator's network. Without this check a sandbox
// could use it to reach neighbours and the cloud's metadata service (SSRF), also by DNS rebinding.
import ipaddr from 'ipaddr.js'

// Azure's wire server: in a public range, but answered by the host of the virtual machine.
const FORBIDDEN_V4: readonly string[] = ['168.63.129.16']

// IANA assigns global unicast IPv6 addresses from this prefix only.
const GLOBAL_V6 = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number]

/** Kind of a forbidden address in words; null for a plain public address. Refuses text that is not an address. */
export function addressRefusal(address: string): string | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return ipv4Refusal(address)
  if (address.includes('%') || !ipaddr.IPv6.isValid(address)) return 'not an IP address'
  const parsed = ipaddr.IPv6.parse(address)
  // Mapped, NAT64, 6to4 and Teredo addresses carry an IPv4 address. Each of these kinds has its own range here.
  if (parsed.range() !== 'unicast') return `a ${parsed.range()} address`
  return parsed.match(GLOBAL_V6) ? null : 'outside global unicast'
}

function ipv4Refusal(address: string): string | null {
  const parsed = ipaddr.IPv4.parse(address)
  if (parsed.range() !== 'unicast') return `a ${parsed.range()} address`
  return FORBIDDEN_V4.includes(parsed.toString()) ? 'a metadata address' : null
}

/** `networks` in CIDR notation. Ignores networks of the other IP version. */
export function isWithin(address: string, networks: readonly string[]): boolean {
  const parsed = ipaddr.parse(address)
  return networks.some((network) => {
    const [base, bits] = ipaddr.parseCIDR(network.replace(/%[^/]*/, ''))
    return base.kind() === parsed.kind() && parsed.match(base, bits)
  })
}
