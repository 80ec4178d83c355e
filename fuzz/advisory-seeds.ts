import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, '../examples/advisories/npm')

/** Real records without their prose, which would attract most mutations, and one record with all kinds of events. */
export function advisorySeeds(): string[] {
  const real = globSync('*.json', { cwd: FOLDER })
    .toSorted()
    .map((name) => {
      const {
        references: _references,
        details: _details,
        ...record
      } = JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))
      return JSON.stringify(record)
    })
  const small = {
    id: 'GHSA-aaaa-bbbb-cccc',
    modified: '2024-01-01T00:00:00Z',
    affected: [
      {
        package: { ecosystem: 'npm', name: 'lodash' },
        ranges: [
          { type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.0.1' }, { introduced: '2.0.0' }] },
          { type: 'ECOSYSTEM', events: [{ introduced: '1.2.0' }, { last_affected: '1.2.3' }] },
          { type: 'GIT' },
        ],
        versions: ['1.1.0', 'v3.0.0-rc.1'],
        database_specific: { last_known_affected_version_range: '<= 2.5.0' },
      },
      { package: { ecosystem: 'PyPI', name: 'x' } },
    ],
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
    database_specific: { severity: 'HIGH', cwe_ids: ['CWE-1321'] },
  }
  return [...real, JSON.stringify(small)]
}
