// Destination of a request or of a redirect. Only paths that npm could request directly belong to a registry and get
// its credential. Other places, such as a registry's storage, are requested without a credential.
import { defaultPort, parseAuthority } from '../../egress/authority.ts'
import { GatewayError } from '../../gateway-error.ts'
import { parseRegistryPath, type RegistryPath } from './registry-path.ts'

export interface RegistryPlace {
  kind: 'registry'
  url: URL
  /** null: not a path that the gateway serves. */
  path: RegistryPath | null
}

export interface StoragePlace {
  kind: 'storage'
  url: URL
  /** `host:port` of the registry that redirected the request here. */
  of: string
  /**
   * Whether it is on the registry's own origin, which may be in the internal network, because the operator chose it.
   */
  own: boolean
}

export type Place = RegistryPlace | StoragePlace

const MAX_LOCATION = 8 * 1024

export function registryPlace(url: URL, registries: readonly URL[]): RegistryPlace {
  const registry = registryOf(url, registries)
  return { kind: 'registry', url, path: registry === null ? null : parseRegistryPath(url, registry) }
}

/**
 * Throws a GatewayError for a redirect that is never followed. `location` is attacker-controlled: a compromised
 * registry could try to steal the operator's credentials, or to abuse the gateway's position in the network.
 */
export function redirectPlace(from: Place, location: string | undefined, registries: readonly URL[]): Place {
  const url = parseLocation(from.url, location)
  if (registryOf(url, registries) !== null) return registryPlace(url, registries)
  const own = registries.some(({ origin }) => origin === url.origin)
  if (own && url.origin !== from.url.origin) throw refused('to another registry, beside its packages')
  const port = Number(from.url.port) || defaultPort(schemeOf(from.url))
  return { kind: 'storage', url, of: from.kind === 'storage' ? from.of : `${from.url.hostname}:${port}`, own }
}

/** The registry with the longest matching path. */
function registryOf(url: URL, registries: readonly URL[]): URL | null {
  const fitting = registries.filter((base) => base.origin === url.origin && url.pathname.startsWith(base.pathname))
  return fitting.toSorted((one, other) => other.pathname.length - one.pathname.length)[0] ?? null
}

function parseLocation(from: URL, location: string | undefined): URL {
  const url = location === undefined || location.length > MAX_LOCATION ? null : URL.parse(location, from.href)
  if (url === null || !/^https?:$/.test(url.protocol)) throw refused('without a valid http(s) URL')
  if (url.username !== '' || url.password !== '') throw refused('to a URL with a user name or password')
  if (url.protocol === 'http:' && url.origin !== from.origin) throw refused('to a place without TLS')
  // Throws for hosts that another parser could read as another host.
  parseAuthority(url.host, defaultPort(schemeOf(url)))
  url.hash = ''
  return url
}

function schemeOf({ protocol }: URL): 'http' | 'https' {
  return protocol === 'https:' ? 'https' : 'http'
}

function refused(where: string): GatewayError {
  return new GatewayError('bad-upstream', `The registry redirected ${where}, which the gateway does not follow.`)
}
