// Compares two lockfiles place by place and returns the versions that moved. If a place loses its copy, Node may find
// another copy in a folder above; then the package was not removed.
import type { PackageMove } from '../change.ts'
import type { Locked } from './lockfile.ts'

interface Copy {
  name: string
  /** The version; for a folder of the repository `link:` and its path. */
  version: string
}

const MARKER = 'node_modules/'

/** The moves, sorted by name and version. Each move occurs once, with all its places. */
export function comparePlaces(before: Locked, after: Locked): PackageMove[] {
  const [old, now] = [copiesOf(before), copiesOf(after)]
  const moves = new Map<string, PackageMove>()
  const add = (place: string, name: string, from: string | null, to: string | null) => {
    if (from === to || (isLink(from) && isLink(to))) return
    const key = JSON.stringify([name, from, to])
    const move = moves.get(key) ?? { name, from, to, places: [] }
    move.places.push(place)
    moves.set(key, move)
  }
  for (const place of new Set([...old.keys(), ...now.keys()])) {
    const was = old.get(place) ?? found(old, place)
    const is = now.get(place) ?? found(now, place)
    if (was !== null && is !== null && was.name === is.name) add(place, is.name, was.version, is.version)
    else {
      if (was !== null && old.has(place)) add(place, was.name, was.version, null)
      if (is !== null && now.has(place)) add(place, is.name, null, is.version)
    }
  }
  return withoutEchoes([...moves.values()], versionsOf(old), versionsOf(now)).toSorted(byNameAndVersion)
}

function copiesOf({ packages, links }: Locked): Map<string, Copy> {
  const copies = new Map<string, Copy>()
  for (const { path, name, version } of packages) if (!copies.has(path)) copies.set(path, { name, version })
  for (const { path, target } of links)
    copies.set(path, { name: path.slice(path.lastIndexOf(MARKER) + MARKER.length), version: `link:${target}` })
  return copies
}

/** The copy that Node finds for a place without its own copy; null if no package is left there that could look for one. */
function found(copies: ReadonlyMap<string, Copy>, place: string): Copy | null {
  const at = place.lastIndexOf(MARKER)
  const name = place.slice(at)
  let folder = place.slice(0, at).replace(/\/$/, '')
  if (folder.includes(MARKER) && !copies.has(folder)) return null
  while (folder !== '') {
    folder = folder.includes('/') ? folder.slice(0, folder.lastIndexOf('/')) : ''
    if (folder.endsWith('/node_modules') || folder === 'node_modules') continue
    const copy = copies.get(folder === '' ? name : `${folder}/${name}`)
    if (copy !== undefined) return copy
  }
  return null
}

/** A version that still exists at another place was not removed, and one that existed before was not added. */
function withoutEchoes(
  moves: readonly PackageMove[],
  old: ReadonlySet<string>,
  now: ReadonlySet<string>,
): PackageMove[] {
  const key = (name: string, version: string | null) => `${name}@${version}`
  const left = new Set(moves.filter(({ to }) => to !== null).map(({ name, from }) => key(name, from)))
  const reached = new Set(moves.filter(({ from }) => from !== null).map(({ name, to }) => key(name, to)))
  return moves.filter(({ name, from, to }) => {
    if (to === null) return !now.has(key(name, from)) && !left.has(key(name, from))
    return from !== null || (!old.has(key(name, to)) && !reached.has(key(name, to)))
  })
}

function versionsOf(copies: ReadonlyMap<string, Copy>): Set<string> {
  return new Set([...copies.values()].map(({ name, version }) => `${name}@${version}`))
}

function isLink(version: string | null): boolean {
  return version === null || version.startsWith('link:')
}

function byNameAndVersion(one: PackageMove, other: PackageMove): number {
  if (one.name !== other.name) return one.name < other.name ? -1 : 1
  return byNumbers(one.from ?? '\uffff', other.from ?? '\uffff') || byNumbers(one.to ?? '', other.to ?? '')
}

/** Sorts 1.9.0 before 1.10.0. It is only for display, so full semver order is not needed. */
function byNumbers(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true }) || (one < other ? -1 : one > other ? 1 : 0)
}
