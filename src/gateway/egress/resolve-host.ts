// Names become addresses here, once per request, and every address is checked: the address that was checked is the one
// that is dialled, so a name that answers differently the second time gains nothing (DNS rebinding).
import { lookup } from 'node:dns/promises'
import { networkInterfaces } from 'node:os'
import { GatewayError } from '../gateway-error.ts'
import { bareHost, type Authority } from './authority.ts'
import { addressRefusal, isWithin } from './forbidden-address.ts'

export type Resolver = (host: string) => Promise<readonly string[]>

const MAX_ADDRESSES = 8

/** As the machine resolves names: its hosts file, its resolver. */
export async function systemResolver(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true, order: 'verbatim' })).map(({ address }) => address)
}

/**
 * The networks that this machine has an address in. With public addresses, its own services and its neighbours can be
 * reached by them from here though a firewall keeps the world out; with IPv6 that is every home and office.
 */
export function ownNetworks(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((entries) => (entries ?? []).flatMap(({ cidr }) => cidr ?? []))
}

/** Addresses that may be dialled. One forbidden answer among good ones refuses them all. */
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

/** Names that a network gives out by itself (RFC 6761, 6762 with its appendix G, 8375): nobody outside has them. */
const INNER_NAMES = /(^|\.)(local|localhost|localdomain|internal|intranet|private|corp|home|lan|home\.arpa)$/

/**
 * For a host that is reached through a proxy, which resolves names by itself. Addresses, and names that this machine can
 * resolve, are held to the same rule; of a name that only the proxy can resolve nothing is known but that it is a public
 * one by its form.
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
      `${authority.host} is a name of a private network, which the gateway asks no proxy for.`,
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
