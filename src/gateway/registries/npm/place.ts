// Where a request leads, or a redirect of one. Only what could be asked for directly belongs to a registry, and only that
// gets its credential; wherever else a registry stores its tarballs is asked as anyone could ask.
import { defaultPort, parseAuthority } from '../../egress/authority.ts'
import { GatewayError } from '../../gateway-error.ts'
import { parseRegistryPath, type RegistryPath } from './registry-path.ts'

export interface RegistryPlace {
  kind: 'registry'
  url: URL
  /** null: nothing that is served here. */
  path: RegistryPath | null
}

export interface StoragePlace {
  kind: 'storage'
  url: URL
  /** The registry that sent the request here: its `host:port`. */
  of: string
  /** On the origin of the registry itself, which may be inside of the network: where it is is the operator's word. */
  own: boolean
}

export type Place = RegistryPlace | StoragePlace

const MAX_LOCATION = 8 * 1024

export function registryPlace(url: URL, registries: readonly URL[]): RegistryPlace {
  const registry = registryOf(url, registries)
  return { kind: 'registry', url, path: registry === null ? null : parseRegistryPath(url, registry) }
}

/**
 * Throws a GatewayError for what is never followed. `location` is attacker-controlled: a registry that was taken over
 * would lead the operator's credentials, or the gateway's place in the network, to where they serve it.
 */
export function redirectPlace(from: Place, location: string | undefined, registries: readonly URL[]): Place {
  const url = parseLocation(from.url, location)
  if (registryOf(url, registries) !== null) return registryPlace(url, registries)
  const own = registries.some(({ origin }) => origin === url.origin)
  if (own && url.origin !== from.url.origin) throw refused('to another registry, beside its packages')
  const port = Number(from.url.port) || defaultPort(schemeOf(from.url))
  return { kind: 'storage', url, of: from.kind === 'storage' ? from.of : `${from.url.hostname}:${port}`, own }
}

/** The registry with the longest path that fits. */
function registryOf(url: URL, registries: readonly URL[]): URL | null {
  const fitting = registries.filter((base) => base.origin === url.origin && url.pathname.startsWith(base.pathname))
  return fitting.toSorted((one, other) => other.pathname.length - one.pathname.length)[0] ?? null
}

function parseLocation(from: URL, location: string | undefined): URL {
  const url = location === undefined || location.length > MAX_LOCATION ? null : URL.parse(location, from.href)
  if (url === null || !/^https?:$/.test(url.protocol)) throw refused('without naming a place on the web')
  if (url.username !== '' || url.password !== '') throw refused('to a URL with a user in it')
  if (url.protocol === 'http:' && url.origin !== from.origin) throw refused('to a place without TLS')
  // Throws for hosts that another reader could take for another host.
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
