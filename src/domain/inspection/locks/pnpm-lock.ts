// Reads pnpm-lock.yaml, versions 5 to 9. It lists packages by `name@version` (or `/name/version`), and for each dependent
// the names of its dependencies. Format: https://github.com/pnpm/spec/tree/master/lockfile
import { entry, fetchedBy, type Lock, type LockEntry } from './lock-entry.ts'
import { parsePlainYaml, type PlainMap, type PlainValue } from './plain-yaml.ts'

const GROUPS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const
const NONE: PlainMap = new Map()

export function readPnpmLock(text: string): Lock {
  const root = parsePlainYaml(text)
  const importers = new Map([...mapOf(root.get('importers')), ...(root.has('importers') ? [] : [['.', root] as const])])
  const holders = [
    ...[...importers].map(([name, value]) => [`importers/${name}`, mapOf(value)] as const),
    ...[...mapOf(root.get('snapshots')), ...mapOf(root.get('packages'))].map(
      ([key, value]) => [key, mapOf(value)] as const,
    ),
  ]
  return {
    entries: [
      ...[...mapOf(root.get('packages'))].map(([key, value]) => packageEntry(key, mapOf(value))),
      ...holders.flatMap(([place, holder]) => referencesIn(place, holder)),
    ],
    folders: [...importers.keys()],
  }
}

function packageEntry(key: string, fields: PlainMap): LockEntry {
  const resolution = mapOf(fields.get('resolution'))
  const text = (from: PlainMap, name: string) => {
    const value = from.get(name)
    return typeof value === 'string' && value !== '' ? value : null
  }
  const id = packageId(key)
  const repository = text(resolution, 'repo')
  const address =
    text(resolution, 'tarball') ??
    (repository === null ? id.address : `git+${repository}#${text(resolution, 'commit') ?? ''}`)
  return entry({
    place: `packages/${key}`,
    name: text(fields, 'name') ?? id.name,
    version: text(fields, 'version') ?? id.version,
    address,
    fetched: address === null ? null : fetchedBy(address),
    integrity: text(resolution, 'integrity'),
    isLocal: text(resolution, 'type') === 'directory' || id.address?.startsWith('file:') === true,
    runsScript: text(fields, 'requiresBuild') === 'true',
  })
}

/** Dependencies under an alias or with an address in place of a version. */
function referencesIn(holder: string, fields: PlainMap): LockEntry[] {
  return GROUPS.flatMap((group) =>
    [...mapOf(fields.get(group))].flatMap(([name, value]) => {
      const version = typeof value === 'string' ? value : mapOf(value).get('version')
      if (typeof version !== 'string' || /^(link|workspace|file):/.test(version)) return []
      const target = /^[/@a-z].*[@/]/i.test(withoutPeers(version)) ? packageId(version) : null
      if (target === null || target.name === name) return []
      const place = `${holder}/${group}/${name}`
      return [
        entry({ place, name, real: target.name, version: target.version, address: target.address, isReference: true }),
      ]
    }),
  )
}

interface PackageId {
  name: string
  version: string | null
  address: string | null
}

function packageId(key: string): PackageId {
  const plain = withoutPeers(key).replace(/^\//, '')
  const [, name, rest] = /^(@[^/@]+\/[^/@]+|[^/@]+)@(.+)$/s.exec(plain) ?? []
  if (name !== undefined && rest !== undefined)
    return /^[a-z][a-z0-9+.-]*:/i.test(rest)
      ? { name, version: null, address: rest }
      : { name, version: rest, address: null }
  const [, old, version] = /^(?:.*?\/)??((?:@[^/]+\/)?[^/@]+)\/(\d+\.\d+\.[^/_]+)(?:_.*)?$/s.exec(plain) ?? []
  if (old !== undefined && version !== undefined) return { name: old, version, address: null }
  const parts = plain.split('/')
  return { name: parts.at(-2) ?? plain, version: null, address: plain.includes(':') ? plain : `git+https://${plain}` }
}

/** Removes the peers, which versions 6 and later append in brackets. */
function withoutPeers(key: string): string {
  const bracket = key.indexOf('(')
  return bracket < 0 ? key : key.slice(0, bracket)
}

function mapOf(value: PlainValue | undefined): PlainMap {
  return value instanceof Map ? value : NONE
}
