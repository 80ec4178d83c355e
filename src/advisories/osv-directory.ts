// Advisories from a folder of OSV files, such as a copy of the GitHub Advisory Database. Audits then need no network and
// are repeatable.
import { createHash } from 'node:crypto'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { compare } from 'semver'
import { z } from 'zod'
import type { AdvisoryMatch, PackageVersions } from '../domain/advisory.ts'
import { Ecosystem } from '../domain/ecosystem.ts'
import { affectedRange, rangeTest } from './osv-range.ts'
import { OsvRecord, type KnownAffected } from './osv-record.ts'
import { ratingOf } from './severity.ts'
import { AdvisoryError, type AdvisorySource } from './types.ts'

/** A file of the folder that could not be used. */
export interface OsvProblem {
  file: string
  why: string
}

export interface OsvDirectory extends AdvisorySource {
  readonly kind: 'osv-directory'
  /** Number of records in use, without withdrawn ones and those of other ecosystems. */
  readonly records: number
  readonly problems: readonly OsvProblem[]
}

export interface OsvLimits {
  fileBytes: number
  files: number
}

/** The statement of one record about one package. */
type Entry = Omit<AdvisoryMatch, 'versions'>

const DEFAULT: OsvLimits = { fileBytes: 4 * 1024 ** 2, files: 500_000 }
const AT_ONCE = 32
/** Versions to check before other work gets its turn: a sandbox sends the question, and it may be long. */
const SLICE = 500

/** Rejects if the folder can't be read, is too large, or has no usable record: an empty folder must not pass an audit. */
export async function openOsvDirectory(directory: string, limits: OsvLimits = DEFAULT): Promise<OsvDirectory> {
  const files = await listFiles(directory, limits)
  const byPackage = new Map<string, Entry[]>()
  const problems: OsvProblem[] = []
  const hash = createHash('sha256')
  let records = 0
  for (let at = 0; at < files.length; at += AT_ONCE) {
    for (const { file, text, why } of await Promise.all(
      files.slice(at, at + AT_ONCE).map((name) => load(name, limits)),
    )) {
      const name = relative(directory, file)
      hash.update(`${name}\0${text ?? ''}\0`)
      const entries = text === null ? why : entriesOf(text)
      if (typeof entries === 'string') problems.push({ file: name, why: entries })
      else if (entries.length > 0) records += 1
      for (const entry of typeof entries === 'string' ? [] : entries) {
        const key = keyOf(entry.ecosystem, entry.package)
        byPackage.set(key, [...(byPackage.get(key) ?? []), entry])
      }
    }
  }
  if (records === 0)
    throw new AdvisoryError(
      'no-records',
      `${directory} holds no usable OSV record for ${Ecosystem.options.join(', ')}.${firstProblem(problems)}`,
    )
  return {
    kind: 'osv-directory',
    name: describe(directory, records, hash.digest('hex'), problems),
    records,
    problems,
    query: (packages) => query(byPackage, packages),
  }
}

async function query(
  byPackage: ReadonlyMap<string, readonly Entry[]>,
  packages: readonly PackageVersions[],
): Promise<AdvisoryMatch[]> {
  const found: AdvisoryMatch[] = []
  for (const { ecosystem, name, versions } of packages) {
    for (const entry of byPackage.get(keyOf(ecosystem, name)) ?? []) {
      const isAffected = rangeTest(entry.vulnerableRange)
      const affected: string[] = []
      for (let at = 0; at < versions.length; at += SLICE) {
        affected.push(...versions.slice(at, at + SLICE).filter(isAffected))
        await nextTurn()
      }
      if (affected.length > 0) found.push({ ...entry, versions: affected })
    }
  }
  return found.toSorted((one, other) => compareText(one.package, other.package) || compareText(one.id, other.id))
}

/** The entries of a record; for an invalid record the reason, as a string. */
function entriesOf(text: string): Entry[] | string {
  try {
    const record = OsvRecord.parse(JSON.parse(text))
    if (record.withdrawn !== undefined) return []
    const affected = record.affected.filter((entry) => entry !== null)
    const byPackage = Map.groupBy(affected, (entry) => keyOf(entry.package.ecosystem, entry.package.name))
    return [...byPackage.values()].map((ofPackage) => entryFor(record, ofPackage[0]!.package, ofPackage))
  } catch (error) {
    if (error instanceof z.ZodError) return z.prettifyError(error).replaceAll('\n', ' ').slice(0, 500)
    if (error instanceof AdvisoryError) return error.message
    if (error instanceof SyntaxError) return 'it is not JSON'
    throw error
  }
}

/** The key contains the ecosystem: the same name can be different packages in different ecosystems. */
function keyOf(ecosystem: Ecosystem, name: string): string {
  return `${ecosystem}\0${name}`
}

function entryFor(
  record: OsvRecord,
  { ecosystem, name }: KnownAffected['package'],
  affected: readonly KnownAffected[],
): Entry {
  const ranges = affected.map(affectedRange)
  return {
    ...ratingOf(record),
    id: record.id,
    aliases: (record.aliases ?? []).filter((alias) => alias.startsWith('CVE-')),
    ecosystem,
    package: name,
    title: record.summary ?? record.details?.split('\n', 1)[0]?.slice(0, 200) ?? record.id,
    url: record.id.startsWith('GHSA-')
      ? `https://github.com/advisories/${record.id}`
      : `https://osv.dev/vulnerability/${record.id}`,
    vulnerableRange: ranges
      .map((range) => range.npm)
      .filter((range) => range !== '')
      .join(' || '),
    fixed: [...new Set(ranges.flatMap((range) => range.fixed))].toSorted(compare),
    cwe: record.database_specific?.cwe_ids ?? [],
  }
}

async function listFiles(directory: string, limits: OsvLimits): Promise<string[]> {
  // Reads folders and regular files only, and ignores symbolic links.
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      throw new AdvisoryError(
        'unreadable',
        error.code === 'ENOENT' ? `there is no folder ${directory}` : `${directory} can't be read (${error.code})`,
        { cause: error },
      )
    },
  )
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
  if (files.length > limits.files)
    throw new AdvisoryError('too-large', `${directory} holds more than ${limits.files} files.`)
  return files.map((entry) => join(entry.parentPath, entry.name)).toSorted(compareText)
}

async function load(file: string, limits: OsvLimits): Promise<{ file: string; text: string | null; why: string }> {
  try {
    if ((await lstat(file)).size > limits.fileBytes)
      return { file, text: null, why: `it is longer than ${limits.fileBytes} bytes` }
    return { file, text: await readFile(file, 'utf8'), why: '' }
  } catch (error) {
    return { file, text: null, why: `it can't be read (${(error as NodeJS.ErrnoException).code})` }
  }
}

function describe(directory: string, records: number, digest: string, problems: readonly OsvProblem[]): string {
  const unusable = problems.length === 0 ? '' : `, ${problems.length} unusable:${firstProblem(problems)}`
  return `OSV records in the folder ${basename(resolve(directory))} (${records}, sha256:${digest.slice(0, 16)}${unusable})`
}

function firstProblem(problems: readonly OsvProblem[]): string {
  const [first] = problems
  return first === undefined ? '' : ` ${first.file}: ${first.why}`
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
