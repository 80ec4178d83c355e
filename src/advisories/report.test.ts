import { expect, test } from 'vitest'
import { type AdvisoryMatch, packagesOf } from '../domain/advisory.ts'
import { LockfileError } from '../domain/inspection/lockfile.ts'
import { bulkAnswer, parseBulkAnswer } from './bulk-answer.ts'
import { inRange } from './osv-range.ts'
import { reportAdvisories } from './report.ts'
import type { AdvisorySource } from './types.ts'

const ADVISORY = {
  id: 'GHSA-1111-2222-3333',
  aliases: ['CVE-2024-1'],
  ecosystem: 'npm',
  package: 'a',
  severity: 'high',
  title: 't',
  url: 'https://github.com/advisories/GHSA-1111-2222-3333',
  vulnerableRange: '<1.2.0',
  fixed: ['1.2.0'],
  cwe: [],
  cvss: { score: 7.5, vector: null },
} as const

const source: AdvisorySource = {
  kind: 'osv-directory',
  name: 'test records',
  async query(packages) {
    const versions = (
      packages.find(({ ecosystem, name }) => ecosystem === 'npm' && name === 'a')?.versions ?? []
    ).filter((version) => inRange(version, ADVISORY.vulnerableRange))
    return versions.length === 0
      ? []
      : [
          {
            ...ADVISORY,
            aliases: [...ADVISORY.aliases],
            fixed: [...ADVISORY.fixed],
            cwe: [],
            versions,
          } satisfies AdvisoryMatch,
        ]
  },
}

const lock = (packages: Record<string, string>): string =>
  JSON.stringify({
    lockfileVersion: 3,
    packages: Object.fromEntries(
      Object.entries(packages).map(([path, version]) => [`node_modules/${path}`, { version }]),
    ),
  })

test('lists each affected version before and after, and the packages that moved', async () => {
  const report = await reportAdvisories(
    source,
    lock({ a: '1.0.0', 'b/node_modules/a': '1.1.0', g: 'git+https://x#1' }),
    lock({ a: '1.2.0' }),
  )
  expect(report).toEqual({
    source: 'test records',
    examined: { before: true, after: true },
    note: null,
    before: ['1.0.0', '1.1.0'].map((version) => ({
      id: ADVISORY.id,
      aliases: ['CVE-2024-1'],
      ecosystem: 'npm',
      package: 'a',
      version,
      severity: 'high',
      title: 't',
      fixed: ['1.2.0'],
    })),
    after: [],
    packages: [
      { name: 'a', from: '1.0.0', to: '1.2.0', places: ['node_modules/a'] },
      { name: 'a', from: '1.1.0', to: null, places: ['node_modules/b/node_modules/a'] },
      { name: 'g', from: 'git+https://x#1', to: null, places: ['node_modules/g'] },
    ],
  })
})

test('does not examine a commit without a lockfile, and rejects a broken lockfile', async () => {
  expect(await reportAdvisories(source, null, lock({ a: '1.2.0' }))).toMatchObject({
    examined: { before: false, after: true },
    before: [],
    after: [],
    packages: [{ name: 'a', from: null, to: '1.2.0', places: ['node_modules/a'] }],
  })
  await expect(reportAdvisories(source, lock({ a: '1.0.0' }), '{')).rejects.toThrow(LockfileError)
})

test("parses an answer in npm's format back to the same matches", async () => {
  const asked = new Map([['a', ['1.0.0', '1.2.0']]])
  const matches = await source.query(packagesOf('npm', asked))
  const answer = bulkAnswer(matches)
  expect(answer['a']).toMatchObject([{ severity: 'high', vulnerable_versions: '<1.2.0', cvss: { score: 7.5 } }])
  expect(Number.isSafeInteger(answer['a']?.[0]?.id)).toBe(true)
  expect(parseBulkAnswer(JSON.parse(JSON.stringify(answer)), asked)).toEqual(
    matches.map((match) => ({ ...match, aliases: [] })),
  )
  expect(() => parseBulkAnswer({ a: 'no' }, asked)).toThrow(/not a list of advisories/)
})
