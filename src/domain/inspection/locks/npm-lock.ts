// Reads package-lock.json and npm-shrinkwrap.json. Version 2 lists all packages twice, for two generations of npm; both
// lists count.
import { entry, fetchedBy, type Lock, type LockEntry, LockError, MAX_ENTRIES } from './lock-entry.ts'

const MARKER = 'node_modules/'

type Fields = ReadonlyMap<string, unknown>

export function readNpmLock(text: string): Lock {
  const root = fieldsOf(parseJson(text))
  const packages = fieldsOf(root.get('packages') || {})
  const entries = [...fromPackages(packages), ...fromDependencies(fieldsOf(root.get('dependencies') || {}))]
  if (entries.length > MAX_ENTRIES) throw new LockError(`it has over ${MAX_ENTRIES} packages`)
  return { entries, folders: [...packages.keys()].filter((path) => !path.includes(MARKER)) }
}

function fromPackages(packages: Fields): LockEntry[] {
  return [...packages].flatMap(([place, value]) => {
    const at = place.lastIndexOf(MARKER)
    return at === -1 ? [] : [oneEntry(place, place.slice(at + MARKER.length), fieldsOf(value))]
  })
}

/** Version 1 nests. It uses a work list instead of recursion: an attacker chooses the depth. */
function fromDependencies(dependencies: Fields): LockEntry[] {
  const entries: LockEntry[] = []
  const left = [{ prefix: 'dependencies/', level: dependencies }]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    for (const [name, value] of next.level) {
      const place = `${next.prefix}${name}`
      const fields = fieldsOf(value)
      entries.push(oneEntry(place, name, fields))
      const nested = fields.get('dependencies')
      if (nested !== undefined) left.push({ prefix: `${place}/`, level: fieldsOf(nested) })
      if (entries.length > MAX_ENTRIES || place.length > 8000)
        throw new LockError('its dependencies are nested too deep')
    }
  }
  return entries
}

/** In version 1 an alias or an address may be in `version` or in `from`. */
function oneEntry(place: string, name: string, fields: Fields): LockEntry {
  const text = (key: string) => {
    const value = fields.get(key)
    return typeof value === 'string' ? value : null
  }
  const written = text('version')
  const [, alias, aliasVersion] = /^npm:(@?[^@]+)@(.+)$/s.exec(written ?? '') ?? []
  const isAddress = written !== null && alias === undefined && /^[a-z][a-z0-9+.-]*:/i.test(written)
  const from = text('from')
  const address =
    text('resolved') ?? (isAddress ? written : null) ?? (from !== null && /^[a-z+]+:/i.test(from) ? from : null)
  const isFile = address?.startsWith('file:') === true
  return entry({
    place,
    name,
    real: alias ?? text('name') ?? name,
    version: aliasVersion ?? (isAddress ? null : written),
    address,
    fetched: address === null ? null : fetchedBy(address),
    integrity: text('integrity'),
    isLocal: fields.get('link') === true || isFile,
    mayLackIntegrity: fields.get('inBundle') === true || fields.get('bundled') === true,
    runsScript: fields.get('hasInstallScript') === true,
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text)
  } catch {
    throw new LockError('it is not JSON')
  }
}

/** Returns a Map, so that `__proto__` and `constructor` are ordinary keys. */
function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new LockError('one of its entries is not an object')
  return new Map(Object.entries(value))
}
