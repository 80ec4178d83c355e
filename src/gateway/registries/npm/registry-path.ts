// Parser for paths below a registry. Accepts only paths that an install or an audit needs and refuses all others: a
// registry would also tell the token's owner, all tokens and the names of the company's packages.

export type RegistryPath =
  | { kind: 'packument' | 'manifest' | 'tarball' | 'dist-tags' | 'attestations'; package: string }
  | { kind: 'ping' | 'keys' | 'search' }
  | { kind: 'advisories' }
  | { kind: 'quick-audit' }

// Package names as in validate-npm-package-name. A path that begins with a hyphen is a registry endpoint.
const NAME = /^(@[a-z0-9~-][a-z0-9._~-]*\/[a-z0-9~-]|[a-z0-9~])[a-z0-9._~-]*$/i
const NO_NAME = /^(node_modules|favicon\.ico)$/i
const VERSION = /^[0-9A-Za-z.^~+_-]{1,256}$/
const TARBALL = /^[0-9A-Za-z._~+-]{1,256}\.tgz$/
const MAX_NAME = 214

const FIXED: ReadonlyMap<string, RegistryPath> = new Map<string, RegistryPath>([
  ['-/ping', { kind: 'ping' }],
  ['-/npm/v1/keys', { kind: 'keys' }],
  ['-/v1/search', { kind: 'search' }],
  ['-/npm/v1/security/advisories/bulk', { kind: 'advisories' }],
  ['-/npm/v1/security/audits/quick', { kind: 'quick-audit' }],
  ['-/npm/v1/security/audits', { kind: 'quick-audit' }],
])

/** Returns null for an unknown path. `url` is attacker-controlled; the URL parser has normalised its path. */
export function parseRegistryPath(url: URL, registry: URL): RegistryPath | null {
  if (url.origin !== registry.origin || !url.pathname.startsWith(registry.pathname)) return null
  const rest = url.pathname.slice(registry.pathname.length)
  const fixed = FIXED.get(rest)
  if (fixed !== undefined) return fixed
  // Clients escape only the slash of a scope. No other escape is needed.
  const path = rest.replace(/(?<=^|\/)(?:@|%40)([^/%]+)(?:%2f|\/)/i, '@$1/')
  if (path.includes('%')) return null
  return packagePath(path)
}

function packagePath(path: string): RegistryPath | null {
  const [, special, name, extra] = /^-\/(package|npm\/v1\/attestations)\/(.+?)(\/dist-tags)?$/.exec(path) ?? []
  if (special === 'package') return extra && isName(name) ? { kind: 'dist-tags', package: name } : null
  if (special !== undefined) return attestationsPath(`${name}${extra ?? ''}`)
  // Endpoints of the registry itself.
  if (path.startsWith('-/')) return null
  const [, pack, tail] = /^((?:@[^/]+\/)?[^/]+)(?:\/(.+))?$/.exec(path) ?? []
  if (!isName(pack)) return null
  if (tail === undefined) return { kind: 'packument', package: pack }
  if (tail.startsWith('-/')) return isTarball(tail.slice(2)) ? { kind: 'tarball', package: pack } : null
  return VERSION.test(tail) && isSegment(tail) ? { kind: 'manifest', package: pack } : null
}

/**
 * Whether the path is a tarball. Scoped packages have it at `-/name.tgz` or, in some registries, at
 * `-/@scope/name.tgz`.
 */
function isTarball(path: string): boolean {
  const file = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?([^/]+)$/i.exec(path)?.[1]
  return file !== undefined && TARBALL.test(file) && isSegment(file)
}

function attestationsPath(text: string): RegistryPath | null {
  const at = text.lastIndexOf('@')
  const name = text.slice(0, at)
  return at > 0 && isName(name) && VERSION.test(text.slice(at + 1)) ? { kind: 'attestations', package: name } : null
}

function isName(name: string | undefined): name is string {
  return name !== undefined && name.length <= MAX_NAME && NAME.test(name) && !NO_NAME.test(name) && !name.includes('..')
}

function isSegment(text: string): boolean {
  return text !== '.' && text !== '..'
}
