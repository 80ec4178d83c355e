// Target: OSV records and their version ranges, compared with OSV's own evaluation and npm's own semver.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SemVer, valid } from 'semver'
import { openOsvDirectory } from '../../src/advisories/osv-directory.ts'
import { affectedRange, inRange } from '../../src/advisories/osv-range.ts'
import { type KnownAffected, OsvRecord } from '../../src/advisories/osv-record.ts'
import { ratingOf } from '../../src/advisories/severity.ts'
import { AdvisoryError } from '../../src/advisories/types.ts'
import { advisorySeeds } from '../advisory-seeds.ts'
import { isAffected } from '../oracles/evaluate-osv.ts'
import { npmSatisfies } from '../oracles/npm.ts'
import { attempt, must, mustEqual, type Target, Violation } from '../target.ts'

const USUAL = ['0.0.0-a', '0.0.1', '1.0.0-rc.1', '1.0.0', '1.2.3', '2.0.0', '999.0.0']
const MAX_VERSIONS = 20

function run(input: Uint8Array): string {
  const record = read(Buffer.from(input).toString('utf8'))
  if (typeof record === 'string') return record
  const { cvss, severity } = ratingOf(record)
  must(cvss.score >= 0 && cvss.score <= 10, () => `the score is ${cvss.score}`)
  const ways = record.affected.flatMap((affected) => (affected === null ? [] : [checkRange(affected)]))
  return `taken: ${[...new Set(ways)].toSorted().join(' ')} ${severity} ${record.withdrawn !== undefined}`
}

function read(text: string): OsvRecord | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'not JSON'
  }
  const { data, error } = OsvRecord.safeParse(value)
  return data ?? `refused: ${error?.issues[0]?.path[0]?.toString()} ${error?.issues[0]?.code}`
}

function checkRange(affected: KnownAffected): string {
  const range = attempt(() => affectedRange(affected), AdvisoryError)
  if (range.value === null) return range.why
  const { npm, fixed } = range.value
  for (const version of fixed) must(valid(version) === version, () => `${version} is not a version to upgrade to`)
  for (const version of versionsAround(affected)) {
    const expected = isAffected(affected, version)
    mustEqual([version, npm, inRange(version, npm)], [version, npm, expected], 'affected')
    mustEqual([version, npm, npm !== '' && npmSatisfies(version, npm)], [version, npm, expected], 'affected for npm')
  }
  return npm === '' ? 'nothing' : `${npm.includes('||')} ${npm.includes('<=')} ${fixed.length > 0}`
}

/** Versions that the record names, and their neighbours. */
function versionsAround(affected: KnownAffected): string[] {
  const named = affected.ranges.flatMap((range) => (range.type === 'GIT' ? [] : range.events.flatMap(Object.values)))
  const last = affected.database_specific?.last_known_affected_version_range?.replace(/^[<= ]+/, '')
  const texts = [...named, ...affected.versions.slice(0, 5), last ?? ''] as string[]
  const versions = texts.flatMap((text) => {
    const version = valid(text, { loose: true })
    if (version === null) return []
    const next = new SemVer(version).inc('patch').version
    return [version, next, `${next}-0`]
  })
  return [...new Set([...USUAL, ...versions.slice(0, MAX_VERSIONS)])].filter((version) => valid(version) !== null)
}

/** Reads a whole folder as in use: each file must give a record, or a problem with its name. */
async function witness(inputs: readonly Uint8Array[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-fuzz-osv-'))
  try {
    inputs.forEach((input, at) => writeFileSync(join(folder, `${at}.json`), input))
    const source = await openOsvDirectory(folder).catch((error: unknown) => {
      if (error instanceof AdvisoryError && error.code === 'no-records') return null
      throw new Violation(`the folder can't be read: ${String(error)}`)
    })
    await source?.query([{ ecosystem: 'npm', name: 'lodash', versions: USUAL }])
    for (const { file, why } of source?.problems ?? [])
      must(why.endsWith('is not a version'), () => `${file}: ${why}, but the record was taken`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export const target: Target = {
  name: 'osv',
  covers: [
    'src/advisories/osv-record.ts',
    'src/advisories/osv-range.ts',
    'src/advisories/cvss.ts',
    'src/advisories/severity.ts',
  ],
  json: true,
  dictionary: [
    ...[
      'introduced',
      'fixed',
      'last_affected',
      'limit',
      'versions',
      'ranges',
      'events',
      'SEMVER',
      'ECOSYSTEM',
      'GIT',
      'npm',
    ],
    ...[
      '0',
      '1.0.0',
      '1.2.3',
      '2.0.0-rc.1',
      'v1.0',
      '1.0.0+build',
      '0.0.0-0',
      '999.0.0',
      '1.x',
      '>=1.0.0',
      '=1.0.0',
      '1.0.0beta',
    ],
    ...[
      '<= 1.5.0',
      '< 1.5.0',
      '<1.0.0-0',
      'last_known_affected_version_range',
      'database_specific',
      'withdrawn',
      'severity',
    ],
    ...[
      'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H',
      'S:U',
      'PR:H',
      'CVSS:4.0/',
      'HIGH',
      'moderate',
      '2024-01-01T00:00:00Z',
    ],
    ...['9007199254740991.0.0', '9007199254740992.0.0', '01.0.0', '-', ' ', '||', '*'],
  ],
  maxBytes: 8192,
  seeds: advisorySeeds,
  run,
  witness,
}
