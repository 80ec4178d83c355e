// Finds credentials that the commits of a change add: in contents, in file names and in the commits themselves. Every commit
// counts, because a credential that a later commit removes stays in the history. A credential that the file held before
// does not count.
import { byteText, printable } from '../../../domain/byte-text.ts'
import type { HostGit } from '../../../git/host-git.ts'
import type { CommitFacts, TouchedPath } from '../../../git/inspect.ts'
import { readObjects } from '../../../git/read-objects.ts'
import { cutText } from '../cut-text.ts'
import { ABSENT, SUBMODULE } from '../modes.ts'
import { needlesOf, type Needles } from './needles.ts'
import { type FoundSecret, type ScanBudget, type ScannedObject, scanObject } from './scan-object.ts'

export interface SecretReport {
  /** One line per credential. It never contains the credential. */
  secrets: string[]
  /** Objects that could not be scanned within the limits, so they may contain a credential. */
  notExamined: string[]
  /** Objects that are compressed or encrypted in a way that the scan does not open. */
  closed: string[]
}

export interface ScanLimits {
  /** Bytes of one object. */
  objectBytes: number
  /** Bytes of all objects as they are. */
  totalBytes: number
  /** Bytes to scan, over all encodings that are tried. */
  workBytes: number
}

const LIMITS: ScanLimits = {
  objectBytes: 16 * 1024 * 1024,
  totalBytes: 64 * 1024 * 1024,
  workBytes: 512 * 1024 * 1024,
}

const MAX_LINES = 10_000

interface Scan {
  git: HostGit
  repository: string
  needles: Needles
  budget: ScanBudget
  limits: ScanLimits
  report: SecretReport
  lines: Set<string>
  /** Paths, as latin1, whose name contains a credential. */
  unnamed: Set<string>
}

export async function scanCommits(
  git: HostGit,
  {
    repository,
    facts,
    held,
    limits = LIMITS,
  }: { repository: string; facts: CommitFacts; held: readonly string[]; limits?: ScanLimits },
): Promise<SecretReport> {
  const report: SecretReport = { secrets: [], notExamined: [], closed: [] }
  const budget = { left: limits.workBytes }
  const found = { lines: new Set<string>(), unnamed: new Set<string>() }
  const scan: Scan = { git, repository, needles: needlesOf(held), budget, limits, report, ...found }
  await scanMessages(scan, facts)
  await scanNames(scan, facts.touched)
  await scanContents(scan, facts.touched)
  return { ...report, secrets: [...scan.lines] }
}

/** Scans the whole commit object: message, people, and headers that no tool shows. */
async function scanMessages(scan: Scan, { commits }: CommitFacts): Promise<void> {
  const ids = commits.map(({ id }) => id)
  for await (const { id, bytes } of readObjects(scan.git, scan.repository, ids, scan.limits)) {
    const commit = `commit ${id.slice(0, 12)}`
    const scanned = await scanOne(scan, bytes, commit)
    report(scan, scanned.found, (secret) => `${commit}${secret.line === null ? '' : `, line ${secret.line}`}`)
  }
}

async function scanNames(scan: Scan, touched: readonly TouchedPath[]): Promise<void> {
  const added = touched.filter(({ oldMode, newMode }) => oldMode === ABSENT && newMode !== ABSENT)
  const names = new Map(added.map(({ path }) => [Buffer.from(path).toString('latin1'), path]))
  const all = Buffer.from([...names.keys()].join('\n'), 'latin1')
  // Most changes have no such name, so scan all names at once first, and one by one only after a match.
  if ((await scanOne(scan, all, 'the names of files')).found.length === 0) return
  for (const path of names.values()) {
    const { found } = await scanOne(scan, path, 'the names of files')
    if (found.length > 0) scan.unnamed.add(Buffer.from(path).toString('latin1'))
    // The name contains the credential, so the report must not show it.
    report(scan, found, () => `the name of a file of ${path.length} bytes in ${folderOf(path, found)}`)
  }
}

async function scanContents(scan: Scan, touched: readonly TouchedPath[]): Promise<void> {
  const added = touched.filter(({ newMode }) => newMode !== ABSENT && newMode !== SUBMODULE)
  const byId = Map.groupBy(added, ({ newId }) => newId)
  for await (const { id, size, bytes } of readObjects(scan.git, scan.repository, [...byId.keys()], scan.limits)) {
    const places = byId.get(id)!
    const where = shown(scan, places[0]!.path)
    if (bytes === null) {
      scan.report.notExamined.push(`${where} (${size} bytes)`)
      continue
    }
    const { found, closed } = await scanOne(scan, bytes, where)
    scan.report.closed.push(...[...new Set(closed)].map((how) => `${where} (${how})`))
    if (found.length === 0) continue
    for (const { path, oldId, oldMode } of unique(places)) {
      const before = oldMode === ABSENT || oldMode === SUBMODULE ? new Set() : await keysOf(scan, oldId)
      const news = found.filter(({ key }) => !before.has(key))
      report(scan, news, ({ line }) => `${shown(scan, path)}${line === null ? '' : `:${line}`}`)
    }
  }
}

async function scanOne(scan: Scan, bytes: Uint8Array | null, where: string): Promise<ScannedObject> {
  const scanned = bytes === null ? null : await scanObject(bytes, scan.needles, scan.budget)
  if (scanned === null || !scanned.isWhole) scan.report.notExamined.push(where)
  return scanned ?? { found: [], closed: [], isWhole: false }
}

/** The credentials of the version before. If that version is too large to scan, every credential counts as new. */
async function keysOf(scan: Scan, id: string): Promise<ReadonlySet<string>> {
  for await (const { bytes } of readObjects(scan.git, scan.repository, [id], scan.limits))
    if (bytes !== null) {
      const { found } = await scanObject(bytes, scan.needles, scan.budget)
      return new Set(found.map(({ key }) => key))
    }
  return new Set()
}

function report({ lines }: Scan, found: readonly FoundSecret[], place: (secret: FoundSecret) => string): void {
  for (const secret of found) {
    const how = secret.how.length === 0 ? '' : ` (${secret.how.join(', ')})`
    if (lines.size < MAX_LINES) lines.add(`${secret.rule} in ${place(secret)}${how}`)
  }
}

function unique(places: readonly TouchedPath[]): TouchedPath[] {
  return [
    ...new Map(places.map((place) => [`${place.oldId} ${Buffer.from(place.path).toString('latin1')}`, place])).values(),
  ]
}

/** The folder, unless its name contains the credential. */
function folderOf(path: Uint8Array, found: readonly FoundSecret[]): string {
  const slash = path.lastIndexOf(0x2f)
  const folder = slash < 0 ? '' : Buffer.from(path.subarray(0, slash)).toString('latin1')
  const shows = found.some(({ key, how }) => how.length > 0 || folder.includes(key.slice(key.indexOf('\0') + 1)))
  return slash < 0 ? 'the top folder' : shows ? 'a folder' : plainly(path.subarray(0, slash))
}

function shown({ unnamed }: Scan, path: Uint8Array): string {
  return unnamed.has(Buffer.from(path).toString('latin1')) ? 'a file whose name shows a credential' : plainly(path)
}

function plainly(path: Uint8Array): string {
  return cutText(printable(byteText(path)))
}
