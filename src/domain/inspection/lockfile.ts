// Parses package-lock.json, versions 1 to 3, into a list of packages. The text is attacker-controlled: it comes from a
// repository.

/** One installed copy of a package. */
export interface LockedPackage {
  /** The name in the registry, even if it is installed under an alias. */
  name: string
  /** The version; for git and file dependencies their address. */
  version: string
  /** The folder of the package, such as `node_modules/a/node_modules/b`. */
  path: string
  /** Whether the package is only needed for development. */
  dev: boolean
}

export interface Locked {
  packages: LockedPackage[]
  links: { path: string; target: string }[]
}

export class LockfileError extends Error {
  readonly code: 'too-large' | 'malformed' | 'unsupported'
  constructor(code: LockfileError['code'], message: string) {
    super(message)
    this.name = 'LockfileError'
    this.code = code
  }
}

const MAX_CHARS = 64 * 1024 ** 2
const MAX_PACKAGES = 200_000
const MAX_DEPTH = 200
const MAX_NAME = 300
const MAX_VERSION = 2048
const MARKER = 'node_modules/'

type Fields = ReadonlyMap<string, unknown>

/** Throws a LockfileError for a lockfile that npm does not write. */
export function parseLockfile(text: string): LockedPackage[] {
  return readLocked(text).packages
}

/** Like parseLockfile(), with the folders of the repository that replace packages. */
export function readLocked(text: string): Locked {
  if (text.length > MAX_CHARS)
    throw new LockfileError('too-large', `The lockfile is longer than ${MAX_CHARS} characters.`)
  const root = fieldsOf(parseJson(text), 'The lockfile')
  const version = root.get('lockfileVersion')
  if (version !== 1 && version !== 2 && version !== 3)
    throw new LockfileError('unsupported', 'The lockfileVersion must be 1, 2 or 3.')
  // If `packages` exists, npm uses it and ignores `dependencies`, whatever lockfileVersion says. Version 2 has both;
  // its `dependencies` repeats the same for older versions of npm.
  const packages = root.get('packages')
  if (packages) return fromPackages(fieldsOf(packages, 'packages'))
  return fromDependencies(fieldsOf(root.get('dependencies') ?? {}, 'dependencies'))
}

/** From name to its versions, without duplicates. */
export function versionsByName(packages: readonly LockedPackage[]): Map<string, Set<string>> {
  const byName = new Map<string, Set<string>>()
  for (const { name, version } of packages) {
    const versions = byName.get(name)
    if (versions === undefined) byName.set(name, new Set([version]))
    else versions.add(version)
  }
  return byName
}

function fromPackages(packages: Fields): Locked {
  const found: LockedPackage[] = []
  const links: Locked['links'] = []
  for (const [path, value] of packages) {
    const at = path.lastIndexOf(MARKER)
    // The root, workspaces and other folders of the repository do not come from a registry.
    if (at === -1) continue
    const entry = fieldsOf(value, path)
    if (entry.get('link') === true) {
      links.push({ path, target: optionalText(entry, 'resolved', path) ?? '' })
      continue
    }
    requireNpmPath(path)
    const version = versionOf(entry, path)
    if (version === null) continue
    const name = optionalText(entry, 'name', path) ?? path.slice(at + MARKER.length)
    addFetched(found, { ...aliased(name, version), path, dev: entry.get('dev') === true }, entry)
  }
  return { packages: found, links }
}

/** Version 1 nests like the folders. It uses a work list instead of recursion: an attacker chooses the depth. */
function fromDependencies(dependencies: Fields): Locked {
  const found: LockedPackage[] = []
  const links: Locked['links'] = []
  const left: { prefix: string; depth: number; entries: Fields }[] = [{ prefix: '', depth: 1, entries: dependencies }]
  for (let level = left.pop(); level !== undefined; level = left.pop()) {
    if (level.depth > MAX_DEPTH)
      throw new LockfileError('too-large', `Dependencies are nested deeper than ${MAX_DEPTH}.`)
    for (const [name, value] of level.entries) {
      const path = `${level.prefix}${MARKER}${name}`
      requireNpmPath(path)
      const entry = fieldsOf(value, path)
      const version = versionOf(entry, path)
      if (version === null)
        links.push({ path, target: (optionalText(entry, 'version', path) ?? '').replace(/^file:/, '') })
      else {
        addFetched(found, { ...aliased(name, version), path, dev: entry.get('dev') === true }, entry)
      }
      const nested = entry.get('dependencies')
      if (nested !== undefined)
        left.push({ prefix: `${path}/`, depth: level.depth + 1, entries: fieldsOf(nested, path) })
    }
  }
  return { packages: found, links }
}

/** The version in the lockfile, or the address if it has no version; null for a folder of the repository. */
function versionOf(entry: Fields, path: string): string | null {
  const places = [
    optionalText(entry, 'version', path),
    addressOf(entry, 'resolved', path),
    addressOf(entry, 'from', path),
  ]
  return places.find((place) => place !== null && !place.startsWith('file:')) ?? null
}

/** Version 1 writes an alias as `npm:name@version` in place of the version; npm accepts that in every version. */
function aliased(name: string, version: string): { name: string; version: string } {
  const [, real, realVersion] = /^npm:(@?[^@]+)@(.+)$/.exec(version) ?? []
  return real === undefined || realVersion === undefined ? { name, version } : { name: real, version: realVersion }
}

/**
 * npm installs the package that `resolved` fetches, whatever name the entry has. If the two differ, both count. In version
 * 1 the address may also be in `version` or in `from`.
 */
function addFetched(found: LockedPackage[], entry: LockedPackage, fields: Fields): void {
  add(found, entry)
  const seen = new Set([`${entry.name}@${entry.version}`])
  for (const address of [
    entry.version,
    addressOf(fields, 'resolved', entry.path),
    addressOf(fields, 'from', entry.path),
  ]) {
    const fetched = address === null ? null : tarballOf(address)
    if (fetched === null || seen.has(`${fetched.name}@${fetched.version}`)) continue
    seen.add(`${fetched.name}@${fetched.version}`)
    add(found, { ...entry, ...fetched })
  }
}

/**
 * Name and version in a registry's tarball address: `…/<name>/-/<last part of the name>-<version>.tgz`. It matches the
 * parts one by one, so that the time stays linear in the length of the address.
 */
function tarballOf(address: string): { name: string; version: string } | null {
  const path = unescaped(address).split(/[?#]/, 1)[0] ?? ''
  const [, before = '', file = ''] = /^https?:\/\/(.*)\/-\/(?:@[^/]+\/)?([^/]+)\.tgz$/is.exec(path) ?? []
  const [, version] = /-(\d+\.\d+\.\d+.*)$/s.exec(file) ?? []
  const [scope = '', last = ''] = before.split('/').slice(-2)
  if (version === undefined || last === '') return null
  return { name: scope.startsWith('@') ? `${scope}/${last}` : last, version }
}

/** Old versions of npm write `false` for a bundled package. An overlong address is an error: padding must not hide it. */
function addressOf(fields: Fields, key: 'resolved' | 'from', path: string): string | null {
  return typeof fields.get(key) === 'string' ? optionalText(fields, key, path) : null
}

function unescaped(address: string): string {
  try {
    return decodeURIComponent(address)
  } catch {
    return address
  }
}

/** Refuses `node_modules/x/`, `node_modules/./x` and `node_modules/y/x`: npm installs x, but here the name would differ. */
function requireNpmPath(path: string): void {
  const parts = path.replace(/^(\.\.\/)+/, '').split('/')
  const name = path.slice(path.lastIndexOf(MARKER) + MARKER.length)
  const odd = path.includes('\\') || parts.some((part) => part === '' || part === '.' || part === '..')
  if (odd || !/^(@[^/]+\/)?[^/]+$/.test(name)) throw malformed(`${show(path)} is not a path that npm writes`)
}

function add(found: LockedPackage[], entry: LockedPackage): void {
  if (entry.name.length === 0 || entry.name.length > MAX_NAME)
    throw malformed(`${show(entry.path)} has an invalid name`)
  if (found.length >= MAX_PACKAGES)
    throw new LockfileError('too-large', `The lockfile has more than ${MAX_PACKAGES} packages.`)
  found.push(entry)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text)
  } catch {
    throw malformed('it is not JSON')
  }
}

/** Returns a Map, so that `__proto__` and `constructor` are ordinary keys. */
function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(`${show(what)} is not an object`)
  return new Map(Object.entries(value))
}

function optionalText(fields: Fields, key: string, what: string): string | null {
  const value = fields.get(key)
  if (value === undefined) return null
  if (typeof value !== 'string' || value.length > MAX_VERSION)
    throw malformed(`${key} of ${show(what)} is not a text, or is too long`)
  return value
}

function malformed(why: string): LockfileError {
  return new LockfileError('malformed', `The lockfile is not valid: ${why}.`)
}

function show(path: string): string {
  return JSON.stringify(path.slice(0, 100))
}
