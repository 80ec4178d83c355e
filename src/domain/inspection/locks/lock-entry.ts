// One entry of a lockfile, in the same shape for every kind of lockfile. All text is attacker-controlled.

export interface LockEntry {
  /** Position of the entry in the file. */
  place: string
  /** The name that code imports. */
  name: string
  /** The name at the registry; if it differs from `name`, the latter is an alias. */
  real: string
  version: string | null
  /** Package that the address or the resolution fetches; null: neither contains a name. */
  fetched: { name: string; version: string } | null
  /** Address as written in the file; null: the package is fetched from the registry by its name. */
  address: string | null
  /** Digests of its content, as written in the file. */
  integrity: string | null
  /** Whether the package is a folder of the repository, so that nothing is fetched. */
  isLocal: boolean
  /** Whether its package manager writes no integrity: it is bundled in another package or for another platform. */
  mayLackIntegrity: boolean
  /** Whether this is only a name for another entry, which has the address and the integrity. */
  isReference: boolean
  runsScript: boolean
}

/** A parsed lockfile. `folders`: the folders whose package.json the lockfile was made from. */
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
 * Name and version in a registry's tarball address: `…/<name>/-/<last part of the name>-<version>.tgz`, or GitHub's
 * `…/download/<name>/<version>/…`. It matches the parts one by one, so that the time stays linear in the length.
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

/** Whether the address is a git URL, a forge's short form, or a forge's tarball of a commit. */
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
