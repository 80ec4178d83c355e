// What every kind of lockfile says of a package, in one shape. All of it is attacker-controlled text.

export interface LockEntry {
  /** Where it stands in the file. */
  place: string
  /** What code imports it by. */
  name: string
  /** What it is called where it comes from; another one than `name` is an alias. */
  real: string
  version: string | null
  /** What its address or its resolution says that is fetched; null: neither says it. */
  fetched: { name: string; version: string } | null
  /** Where it is fetched from, as written; null: the registry, by its name. */
  address: string | null
  /** Digests of its content, as written. */
  integrity: string | null
  /** A folder of the repository: nothing is fetched for it. */
  isLocal: boolean
  /** Part of another package, or of another platform: its package manager writes no integrity for it. */
  mayLackIntegrity: boolean
  /** A name for another entry, which has the address and the integrity. */
  isReference: boolean
  runsScript: boolean
}

/** Folders of the repository whose package.json the lockfile was made from. */
export interface Lock {
  entries: readonly LockEntry[]
  folders: readonly string[]
}

export class LockError extends Error {
  constructor(why: string) {
    super(why)
    this.name = 'LockError'
  }
}

export const MAX_ENTRIES = 200_000
const MAX_TEXT = 8192

export function entry(fields: Pick<LockEntry, 'place' | 'name'> & Partial<LockEntry>): LockEntry {
  const whole = {
    real: fields.name,
    version: null,
    fetched: null,
    address: null,
    integrity: null,
    isLocal: false,
    mayLackIntegrity: false,
    isReference: false,
    runsScript: false,
    ...fields,
  }
  for (const text of [whole.place, whole.name, whole.real, whole.version, whole.address, whole.integrity])
    if (text !== null && text.length > MAX_TEXT) throw new LockError('a text in it is too long')
  return whole
}

/**
 * What a registry's address of a tarball names: `…/<name>/-/<last part of the name>-<version>.tgz`, or GitHub's
 * `…/download/<name>/<version>/…`. In pieces, so that the time it takes grows no faster than the address.
 */
export function fetchedBy(address: string): { name: string; version: string } | null {
  const path = unescaped(address).split(/[?#]/, 1)[0] ?? ''
  const [, before = '', file = ''] = /^https?:\/\/(.*)\/-\/(?:@[^/]+\/)?([^/]+)\.tgz$/is.exec(path) ?? []
  const [, version] = /-(\d+\.\d+\.\d+.*)$/s.exec(file) ?? []
  const [scope = '', last = ''] = before.split('/').slice(-2)
  if (version !== undefined && last !== '') return { name: scope.startsWith('@') ? `${scope}/${last}` : last, version }
  const [, name, given] = /^https?:\/\/[^/]+\/download\/(@[^/]+\/[^/]+)\/(\d+\.[^/]+)\//i.exec(path) ?? []
  return name === undefined || given === undefined ? null : { name, version: given }
}

/** git+ssh, a forge's short form, or a forge's own tarball of a commit. */
export function isRepository(address: string): boolean {
  return (
    /^(git(\+[a-z]+)?|ssh|github|gitlab|bitbucket|gist):/i.test(address) ||
    /^[^/:]+@[^/:]+:/.test(address) ||
    /^https?:\/\/(codeload\.github\.com\/|[^?#]*\.git([?#/]|$))/i.test(address)
  )
}

function unescaped(address: string): string {
  try {
    return decodeURIComponent(address)
  } catch {
    return address
  }
}
