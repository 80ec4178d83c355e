// Name resolution of the gateway, once per request. It checks every address, and the gateway dials the checked address.
// So a name that resolves differently the second time gains nothing (DNS rebinding).
import { lookup } from 'node:dns/promises'
import { networkInterfaces } from 'node:os'
import { GatewayError } from '../gateway-error.ts'
import { bareHost, type Authority } from './authority.ts'
import { addressRefusal, isWithin } from './forbidden-address.ts'

export type Resolver = (host: string) => Promise<readonly string[]>

const MAX_ADDRESSES = 8

/** Resolves names with the machine's hosts file and resolver. */
export async function systemResolver(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true, order: 'verbatim' })).map(({ address }) => address)
}

/**
 * Networks in which this machine has an address, in CIDR notation. They may have public addresses (with IPv6 in every
 * home and office). From here, such addresses reach the machine's own services and neighbours, although a firewall
 * keeps the outside world out.
 */
export function ownNetworks(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((entries) => (entries ?? []).flatMap(({ cidr }) => cidr ?? []))
}

/** Resolves to addresses that may be dialled. One forbidden address among them refuses them all. */
export async function resolveHost(
  authority: Authority,
  resolve: Resolver,
  own: readonly string[] = ownNetworks(),
): Promise<readonly string[]> {
  const addresses = authority.kind === 'name' ? await resolved(authority.host, resolve) : [bareHost(authority.host)]
  for (const address of addresses) {
    const refusal =
      addressRefusal(address) ?? (isWithin(address, own) ? "an address of this machine's own network" : null)
    if (refusal === null) continue
    throw new GatewayError('forbidden-address', `${authority.host} leads to ${refusal}, which the gateway never dials.`)
  }
  return addresses.slice(0, MAX_ADDRESSES)
}

/** Names of private networks, which do not exist in public DNS (RFC 6761, RFC 6762 appendix G, RFC 8375). */
const INNER_NAMES = /(^|\.)(local|localhost|localdomain|internal|intranet|private|corp|home|lan|home\.arpa)$/

/**
 * Checks a host that is reached through a proxy, which resolves names by itself. Applies the same rule to addresses and
 * to names that this machine can resolve. For a name that only the proxy can resolve, it can only check that the name
 * has a public form.
 */
export async function checkBeforeProxy(
  authority: Authority,
  resolve: Resolver,
  own: readonly string[] = ownNetworks(),
): Promise<void> {
  try {
    await resolveHost(authority, resolve, own)
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'unresolvable') throw error
    if (authority.host.includes('.') && !INNER_NAMES.test(authority.host)) return
    throw new GatewayError(
      'forbidden-address',
      `${authority.host} is a name of a private network, which the gateway never requests from a proxy.`,
      { cause: error },
    )
  }
}

async function resolved(host: string, resolve: Resolver): Promise<readonly string[]> {
  const addresses = await resolve(host).catch((error: unknown) => {
    throw new GatewayError('unresolvable', `${host} could not be resolved.`, { cause: error })
  })
  if (addresses.length === 0) throw new GatewayError('unresolvable', `${host} has no address.`)
  return addresses
}
