import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openOsvDirectory } from './osv-directory.ts'
import { AdvisoryError } from './types.ts'

const REAL = join(import.meta.dirname, '../../../shared/data/advisories/npm')
let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'glovebox-osv-'))
})
afterEach(() => rm(directory, { recursive: true }))

function record(id: string, more: object = {}): string {
  return JSON.stringify({
    id,
    modified: '2024-01-01T00:00:00Z',
    aliases: ['CVE-2024-1', 'OTHER-1'],
    summary: `about ${id}`,
    affected: [
      {
        package: { ecosystem: 'npm', name: 'x' },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.0.0' }] }],
      },
    ],
    database_specific: { severity: 'CRITICAL', cwe_ids: ['CWE-1'] },
    ...more,
  })
}

const put = (name: string, text: string): Promise<void> => writeFile(join(directory, name), text)
const ask = async (name = 'x', ...versions: string[]) =>
  (await openOsvDirectory(directory)).query([{ ecosystem: 'npm', name, versions }])

describe('openOsvDirectory', () => {
  test('a match has its title, its address and the fixed versions', async () => {
    await put('a.json', record('GHSA-1111-2222-3333'))
    expect(await ask('x', '0.9.0', '1.0.0', '0.1.0', 'git+https://x')).toEqual([
      {
        id: 'GHSA-1111-2222-3333',
        aliases: ['CVE-2024-1'],
        ecosystem: 'npm',
        package: 'x',
        versions: ['0.9.0', '0.1.0'],
        severity: 'critical',
        title: 'about GHSA-1111-2222-3333',
        url: 'https://github.com/advisories/GHSA-1111-2222-3333',
        vulnerableRange: '<1.0.0',
        fixed: ['1.0.0'],
        cwe: ['CWE-1'],
        cvss: { score: 0, vector: null },
      },
    ])
    expect(await ask('x', '1.0.0')).toEqual([])
    expect(await ask('__proto__', '0.1.0')).toEqual([])
  })

  test('ignores withdrawn records and other ecosystems', async () => {
    await put('a.json', record('GHSA-1111-2222-3333'))
    await put('b.json', record('GHSA-aaaa-2222-3333', { withdrawn: '2024-02-01T00:00:00Z' }))
    await put(
      'c.json',
      record('GHSA-bbbb-2222-3333', {
        affected: [
          { package: { ecosystem: 'PyPI', name: 'x' }, ranges: [{ type: 'ECOSYSTEM', events: [{ limit: 'odd' }] }] },
        ],
      }),
    )
    const source = await openOsvDirectory(directory)
    expect([source.records, source.problems]).toEqual([1, []])
  })

  test('takes the severity from the score if the record has no word; without both it is unknown', async () => {
    await put(
      'a.json',
      record('GHSA-1111-2222-3333', {
        database_specific: {},
        severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' }],
      }),
    )
    await put('b.json', record('GHSA-2222-2222-3333', { database_specific: null }))
    expect((await ask('x', '0.1.0')).map((match) => [match.severity, match.cvss.score])).toEqual([
      ['high', 7.5],
      [null, 0],
    ])
  })

  test('reads subfolders and ignores links', async () => {
    await mkdir(join(directory, '2024/01'), { recursive: true })
    await put('2024/01/a.json', record('GHSA-1111-2222-3333'))
    await symlink('/etc/passwd', join(directory, 'passwd.json'))
    const source = await openOsvDirectory(directory)
    expect([source.records, source.problems]).toEqual([1, []])
  })

  test.each<[string, string]>([
    ['no JSON', '{'],
    ['no record', '[]'],
    [
      'an unknown event',
      record('GHSA-1111-2222-0000', {
        affected: [
          {
            package: { ecosystem: 'npm', name: 'x' },
            ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { limit: '1.0.0' }] }],
          },
        ],
      }),
    ],
    [
      'two kinds in one event',
      record('GHSA-1111-2222-0000', {
        affected: [
          {
            package: { ecosystem: 'npm', name: 'x' },
            ranges: [{ type: 'SEMVER', events: [{ introduced: '0', fixed: '1.0.0' }] }],
          },
        ],
      }),
    ],
    [
      'an invalid version',
      record('GHSA-1111-2222-0000', { affected: [{ package: { ecosystem: 'npm', name: 'x' }, versions: ['latest'] }] }),
    ],
    [
      'an unknown range',
      record('GHSA-1111-2222-0000', {
        affected: [{ package: { ecosystem: 'npm', name: 'x' }, ranges: [{ type: 'ODD' }] }],
      }),
    ],
    ['an id with a path', record('../x')],
    ['too much', 'x'.repeat(5 * 1024 ** 2)],
  ])('a file that holds %s is named, and the rest still counts', async (_what, text) => {
    await put('good.json', record('GHSA-1111-2222-3333'))
    await put('bad.json', text)
    const source = await openOsvDirectory(directory)
    expect([source.records, source.problems.map((problem) => problem.file)]).toEqual([1, ['bad.json']])
    expect(source.name).toMatch(/1 unusable: bad\.json: /)
  })

  test('a folder without a usable record is an error, not an all-clear', async () => {
    await expect(openOsvDirectory(directory)).rejects.toThrow(AdvisoryError)
    await put('bad.json', '{')
    await expect(openOsvDirectory(directory)).rejects.toThrow(/bad\.json/)
    await expect(openOsvDirectory(join(directory, 'absent'))).rejects.toThrow(/there is no folder/)
  })

  test('refuses too many files', async () => {
    for (const name of ['a', 'b', 'c']) await put(`${name}.json`, record('GHSA-1111-2222-3333'))
    await expect(openOsvDirectory(directory, { fileBytes: 1000, files: 2 })).rejects.toThrow(/more than 2 files/)
  })

  test('the name changes with the content', async () => {
    await put('a.json', record('GHSA-1111-2222-3333'))
    const before = (await openOsvDirectory(directory)).name
    expect((await openOsvDirectory(directory)).name).toBe(before)
    await put('a.json', record('GHSA-1111-2222-3334'))
    expect((await openOsvDirectory(directory)).name).not.toBe(before)
  })

  test('a long question does not block other work', async () => {
    for (let at = 0; at < 40; at++) await put(`${at}.json`, record(`GHSA-1111-2222-${1000 + at}`))
    const source = await openOsvDirectory(directory)
    const versions = Array.from({ length: 5000 }, (_, at) => `0.0.${at}`)
    let [turns, answered] = [0, false]
    const turn = () => {
      turns++
      if (!answered) setImmediate(turn)
    }
    setImmediate(turn)
    expect(await source.query([{ ecosystem: 'npm', name: 'x', versions }])).toHaveLength(40)
    answered = true
    // Other work ran at least once for every two records.
    expect(turns).toBeGreaterThanOrEqual(20)
  })

  test.skipIf(!existsSync(REAL))('reads every record of a real collection', async () => {
    const source = await openOsvDirectory(REAL)
    expect(source.problems).toEqual([])
    const found = await source.query([
      { ecosystem: 'npm', name: 'lodash', versions: ['4.17.15', '4.17.21'] },
      { ecosystem: 'npm', name: 'minimist', versions: ['1.2.0'] },
    ])
    expect(found.map((match) => match.id)).toEqual([
      'GHSA-29mw-wpgm-hmr9',
      'GHSA-35jh-r3h4-6jhm',
      'GHSA-p6mc-m468-83gw',
      'GHSA-vh95-rmgr-6w4m',
      'GHSA-xvch-5gv4-984h',
    ])
    expect(found.every((match) => !match.versions.includes('4.17.21'))).toBe(true)
  })
})
