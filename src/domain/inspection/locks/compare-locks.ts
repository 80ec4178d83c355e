// Compares two versions of a lockfile and reports changes that package names and versions do not show.
import { originOf } from '../lockfile-origins.ts'
import { isRepository, type Lock, type LockEntry } from './lock-entry.ts'

/** From an alias to the packages that a package.json of the repository declares for it, as `npm:real@range`. */
export type DeclaredAliases = ReadonlyMap<string, ReadonlySet<string>>

/** Origins that the lockfile fetches from, written as in `newOrigins`. */
export function originsOfLock(lock: Lock): Set<string> {
  return new Set(lock.entries.flatMap(({ address }) => (address === null ? [] : [originOf(address)])))
}

interface Known {
  byPlace: ReadonlyMap<string, LockEntry>
  byVersion: ReadonlyMap<string, readonly LockEntry[]>
  byName: ReadonlyMap<string, readonly LockEntry[]>
  /** Hosts whose tarball addresses do not contain the name of the package. */
  odd: ReadonlySet<string>
  usesIntegrity: boolean
}

type Rule = (entry: LockEntry, known: Known, declared: DeclaredAliases) => string | null

const RULES: readonly Rule[] = [alias, otherPackage, repository, unnamed, noIntegrity, otherContent, newScript]

/** Returns one line per finding. null stands for a missing lockfile. */
export function compareLocks(before: Lock | null, after: Lock, declared: DeclaredAliases): string[] {
  const known = knownOf(before?.entries ?? [])
  const changed = after.entries.filter((entry) => !isSame(entry, known.byPlace.get(entry.place)))
  return [...new Set(changed.flatMap((entry) => RULES.flatMap((rule) => rule(entry, known, declared) ?? [])))]
}

function knownOf(before: readonly LockEntry[]): Known {
  const fetched = before.filter((entry) => isFetched(entry) && !isGit(entry))
  return {
    byPlace: new Map(before.map((entry) => [entry.place, entry])),
    byVersion: Map.groupBy(before, versionKey),
    byName: Map.groupBy(before, ({ name }) => name),
    odd: new Set(before.filter(isUnnamed).map(({ address }) => hostOf(address))),
    usesIntegrity: before.length === 0 || fetched.some(({ integrity }) => integrity !== null),
  }
}

function alias({ name, real, isLocal }: LockEntry, { byName }: Known, declared: DeclaredAliases): string | null {
  if (real === name || isLocal || declared.get(name)?.has(real)) return null
  if (byName.get(name)?.some((old) => old.real === real)) return null
  return `${real} is installed as ${name}, but no package.json of the repository declares this alias`
}

function otherPackage(entry: LockEntry): string | null {
  const { name, real, version, fetched, isLocal } = entry
  if (fetched === null || isLocal) return null
  if (fetched.name !== real) return `${label(entry)} is called ${name} and fetches ${fetched.name} ${fetched.version}`
  const isOther = version !== null && plainVersion(version) !== plainVersion(fetched.version)
  return isOther ? `${label(entry)} fetches version ${fetched.version} of ${real}` : null
}

function repository(entry: LockEntry, { byName }: Known): string | null {
  if (!isGit(entry)) return null
  const where = withoutCommit(entry.address!)
  const isOld = byName.get(entry.name)?.some(({ address }) => address !== null && withoutCommit(address) === where)
  return isOld ? null : `${entry.name} comes from a git repository: ${where}`
}

function unnamed(entry: LockEntry, { odd, byName }: Known): string | null {
  if (!isUnnamed(entry) || odd.has(hostOf(entry.address))) return null
  if (byName.get(entry.name)?.some(({ address }) => address === entry.address)) return null
  return `${label(entry)} comes from an address that does not contain the name of the package: ${entry.address}`
}

function noIntegrity(entry: LockEntry, known: Known): string | null {
  if (!isFetched(entry) || isGit(entry) || entry.integrity !== null) return null
  const old = [known.byPlace.get(entry.place), ...(known.byVersion.get(versionKey(entry)) ?? [])]
  if (old.some((one) => one !== undefined && one.integrity !== null)) return `${label(entry)} lost its integrity`
  return known.usesIntegrity && !entry.mayLackIntegrity ? `${label(entry)} has no integrity` : null
}

/** Finds the same version with different content. A different algorithm alone counts only if it is weaker. */
function otherContent(entry: LockEntry, { byVersion }: Known): string | null {
  const old = (byVersion.get(versionKey(entry)) ?? []).flatMap(({ integrity }) => integrity ?? [])
  if (entry.integrity === null || entry.version === null || old.length === 0) return null
  const known = digestsOf(old.join(' '))
  const now = digestsOf(entry.integrity)
  const isOther = [...now].some(([algorithm, digests]) => {
    const before = known.get(algorithm)
    return before !== undefined && [...digests].some((digest) => !before.has(digest))
  })
  if (isOther) return `${label(entry)} has different content than before: its integrity changed`
  return strength(now) < strength(known) ? `${label(entry)} has a weaker integrity than before` : null
}

function newScript(entry: LockEntry, { byName }: Known): string | null {
  if (!entry.runsScript || byName.get(entry.name)?.some(({ runsScript }) => runsScript)) return null
  return `${label(entry)} runs a script when it is installed`
}

function isSame(one: LockEntry, other: LockEntry | undefined): boolean {
  const keys = ['name', 'real', 'version', 'address', 'integrity', 'isLocal', 'runsScript'] as const
  return other !== undefined && keys.every((key) => one[key] === other[key]) && sameFetched(one, other)
}

function sameFetched(one: LockEntry, other: LockEntry): boolean {
  return one.fetched?.name === other.fetched?.name && one.fetched?.version === other.fetched?.version
}

function isFetched({ isLocal, isReference }: LockEntry): boolean {
  return !isLocal && !isReference
}

function isGit({ address, isLocal }: LockEntry): boolean {
  return !isLocal && address !== null && isRepository(address)
}

function isUnnamed(entry: LockEntry): boolean {
  const { address, fetched } = entry
  return !entry.isLocal && !isGit(entry) && fetched === null && address !== null && /^https?:/i.test(address)
}

function versionKey({ real, version }: LockEntry): string {
  return `${real}@${version}`
}

function label({ name, version }: LockEntry): string {
  return version === null ? name : `${name}@${version}`
}

function hostOf(address: string | null): string {
  return URL.parse(address ?? '')?.host ?? ''
}

function withoutCommit(address: string): string {
  return address.split('#', 1)[0]!.replace(/^(https:\/\/codeload\.github\.com\/[^/]+\/[^/]+)\/.*$/, '$1')
}

/** Removes build metadata, which does not identify a version. */
function plainVersion(version: string): string {
  return version.replace(/^v/, '').split('+', 1)[0]!
}

const STRENGTH = ['md5', 'sha1', 'sha256', 'sha384', 'sha512']

/** Parses subresource integrity such as `sha512-… sha1-…`, and Yarn's checksums, which are `10c0/…` or bare. */
function digestsOf(integrity: string): Map<string, Set<string>> {
  const digests = new Map<string, Set<string>>()
  for (const part of integrity.trim().split(/\s+/)) {
    const [, algorithm = '', digest = ''] = /^([a-z0-9]+)[-/:](.+)$/s.exec(part) ?? [part, '', part]
    digests.set(algorithm, (digests.get(algorithm) ?? new Set()).add(digest.split('?', 1)[0]!))
  }
  return digests
}

function strength(digests: ReadonlyMap<string, unknown>): number {
  const known = [...digests.keys()].map((algorithm) => STRENGTH.indexOf(algorithm))
  return known.includes(-1) ? STRENGTH.length : Math.max(...known)
}
