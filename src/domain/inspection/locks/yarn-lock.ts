// Reads yarn.lock. Yarn 1 has its own format; later versions write a subset of YAML. The keys are the requested ranges, such
// as `lodash@^4.17.0, lodash@npm:^4`.
import { entry, fetchedBy, type Lock, type LockEntry, LockError } from './lock-entry.ts'
import { parsePlainYaml, type PlainMap } from './plain-yaml.ts'

export function readYarnLock(text: string): Lock {
  const entries = /^__metadata:/m.test(text) ? berryEntries(parsePlainYaml(text)) : classicEntries(text)
  return { entries, folders: ['.'] }
}

function berryEntries(root: PlainMap): LockEntry[] {
  return [...root].flatMap(([key, value]) => {
    if (key === '__metadata') return []
    if (!(value instanceof Map)) throw new LockError('a package in it has no fields')
    const fields = value as PlainMap
    const text = (name: string) => {
      const field = fields.get(name)
      return typeof field === 'string' && field !== '' ? field : null
    }
    const resolution = descriptor(text('resolution') ?? '')
    const [range = '', binding = ''] = resolution.range.split('::')
    const [, archive] = /(?:^|&)__archiveUrl=([^&]+)/.exec(binding) ?? []
    const isRegistry = range.startsWith('npm:')
    const address = archive === undefined ? (isRegistry ? null : range) : unescaped(archive)
    return namesOf(key).map((name) =>
      entry({
        place: `${name} in ${key}`,
        name,
        real: resolution.name,
        version: text('version'),
        address: address?.startsWith('patch:') ? null : address,
        fetched:
          (archive === undefined ? null : fetchedBy(unescaped(archive))) ??
          (isRegistry ? { name: resolution.name, version: range.slice(4) } : null),
        integrity: text('checksum'),
        isLocal: text('linkType') === 'soft' || /^(workspace|link|portal|file):/.test(range),
        mayLackIntegrity: fields.has('conditions'),
      }),
    )
  })
}

function classicEntries(text: string): LockEntry[] {
  const blocks = new Map<string, Map<string, string>>()
  let fields: Map<string, string> | null = null
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const header = /^(\S.*):$/.exec(line)?.[1]
    const pair = /^ {2}("[^"]*"|[^\s"]+)(?: (.*))?$/.exec(line)
    if (header !== undefined) {
      if (blocks.has(header)) throw odd(index)
      fields = new Map()
      blocks.set(header, fields)
    } else if (pair !== null && fields !== null) {
      const [, key = '', value = ''] = pair
      if (fields.has(key)) throw odd(index)
      fields.set(key, plain(value))
    } else if (fields === null || !/^ {4,}\S/.test(line)) throw odd(index)
  }
  return [...blocks].flatMap(([header, block]) => namesOf(header).map((name) => classicEntry(name, header, block)))
}

function classicEntry(name: string, header: string, fields: ReadonlyMap<string, string>): LockEntry {
  const address = fields.get('resolved') ?? null
  const asked = descriptorsOf(header).find((one) => one.name === name)
  const [, alias] = /^npm:(@?[^@]+)(?:@|$)/.exec(asked?.range ?? '') ?? []
  // Yarn 1 appends the SHA-1 of a tarball to its address.
  const [, sha1] = /#([0-9a-f]{40})$/.exec(address ?? '') ?? []
  return entry({
    place: `${name} in ${header}`,
    name,
    real: alias ?? name,
    version: fields.get('version') ?? null,
    address,
    fetched: address === null ? null : fetchedBy(address),
    integrity: fields.get('integrity') ?? (sha1 === undefined ? null : `sha1-${sha1}`),
    isLocal: /^(file|link):|^\.{0,2}\//.test(asked?.range ?? '') || address?.startsWith('file:') === true,
  })
}

function namesOf(key: string): string[] {
  return [...new Set(descriptorsOf(key).map(({ name }) => name))]
}

function descriptorsOf(key: string): { name: string; range: string }[] {
  return key.split(/\s*,\s*/).map((text) => descriptor(plain(text)))
}

function descriptor(text: string): { name: string; range: string } {
  const at = text.indexOf('@', 1)
  return at < 0 ? { name: text, range: '' } : { name: text.slice(0, at), range: text.slice(at + 1) }
}

function plain(text: string): string {
  return /^".*"$/s.test(text) ? text.slice(1, -1) : text
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function odd(index: number): LockError {
  return new LockError(`line ${index + 1} is not in the format that Yarn writes`)
}
