import fc from 'fast-check'
import { compare, gt, gte, satisfies } from 'semver'
import { describe, expect, test } from 'vitest'
import { affectedRange, inRange } from './osv-range.ts'
import type { KnownAffected, OsvEvent } from './osv-record.ts'

function affected(events: OsvEvent[][], more: Partial<KnownAffected> = {}): KnownAffected {
  return {
    package: { ecosystem: 'npm', name: 'x' },
    ranges: events.map((list) => ({ type: 'SEMVER', events: list })),
    versions: [],
    ...more,
  }
}

const VERSIONS = [
  '0.0.0-a',
  '0.0.0',
  '0.0.1',
  '0.9.0',
  '1.0.0-alpha',
  '1.0.0-alpha.2',
  '1.0.0-alpha.10',
  '1.0.0-rc.1',
  '1.0.0',
  '1.0.1-0',
  '1.0.1',
  '1.1.0',
  '1.2.0-beta',
  '1.2.0',
  '1.10.0',
  '2.0.0-rc.1',
  '2.0.0',
  '2.0.1',
  '3.0.0',
  '10.0.0',
]

describe('affectedRange', () => {
  test.each<[OsvEvent[][], string, string[]]>([
    [[[{ introduced: '0' }]], '*', []],
    [[[{ introduced: '0' }, { fixed: '1.2.3' }]], '<1.2.3', ['1.2.3']],
    [[[{ introduced: '1.0.0' }, { fixed: '1.2.3' }]], '>=1.0.0 <1.2.3', ['1.2.3']],
    [[[{ introduced: '1.0.0' }, { last_affected: '1.2.3' }]], '>=1.0.0 <=1.2.3', []],
    [[[{ introduced: '1.0.0' }, { last_affected: '1.0.0' }]], '>=1.0.0 <=1.0.0', []],
    [
      [[{ fixed: '2.0.1' }, { introduced: '0' }, { introduced: '2.0.0' }, { fixed: '1.0.1' }]],
      '<1.0.1 || >=2.0.0 <2.0.1',
      ['1.0.1', '2.0.1'],
    ],
    [[[{ introduced: '1.0.0' }], [{ introduced: '0' }, { fixed: '0.5.0' }]], '>=1.0.0 || <0.5.0', ['0.5.0']],
    [[[{ fixed: '1.0.0' }]], '', []],
  ])('%j is %s', (events, npm, fixed) => expect(affectedRange(affected(events))).toEqual({ npm, fixed }))

  test('adds listed versions to the ranges, without duplicates', () => {
    const range = affectedRange(affected([[{ introduced: '0' }, { fixed: '1.0.0' }]], { versions: ['0.9.0', '2.0.0'] }))
    expect(range.npm).toBe('<1.0.0 || 2.0.0')
  })

  test('an open range ends at the last version that GitHub knows, and stays open if that is unreadable', () => {
    const upTo = (text: string): string =>
      affectedRange(
        affected([[{ introduced: '1.0.0' }]], { database_specific: { last_known_affected_version_range: text } }),
      ).npm
    expect(['<= 1.5.0', '< 8.0.0-alpha.16', '<= 0.5.0', '1.x', '>= 2.0.0'].map(upTo)).toEqual([
      '>=1.0.0 <=1.5.0',
      '>=1.0.0 <8.0.0-alpha.16',
      '>=1.0.0',
      '>=1.0.0',
      '>=1.0.0',
    ])
  })

  test('ignores git ranges, and names an invalid version', () => {
    expect(affectedRange({ ...affected([]), ranges: [{ type: 'GIT' }] }).npm).toBe('')
    expect(() => affectedRange(affected([[{ introduced: 'x.y' }]]))).toThrow(/"x.y" is not a version/)
  })

  // The evaluation of the specification, event by event: https://ossf.github.io/osv-schema/#evaluation
  function evaluate(events: readonly OsvEvent[], version: string): boolean {
    const order = ['fixed', 'introduced', 'last_affected']
    const sorted = events
      .map((event) => Object.entries(event)[0] as [string, string])
      .toSorted(([oneKind, one], [otherKind, other]) => {
        if (one === '0' || other === '0') return Number(other === '0') - Number(one === '0')
        return compare(one, other) || order.indexOf(oneKind) - order.indexOf(otherKind)
      })
    let vulnerable = false
    for (const [kind, at] of sorted) {
      if (kind === 'introduced' && (at === '0' || gte(version, at))) vulnerable = true
      if (kind === 'fixed' && gte(version, at)) vulnerable = false
      if (kind === 'last_affected' && gt(version, at)) vulnerable = false
    }
    return vulnerable
  }

  const at = fc.constantFrom(...VERSIONS)
  const event = fc.oneof(
    at.map((introduced) => ({ introduced })),
    fc.constant({ introduced: '0' }),
    at.map((fixed) => ({ fixed })),
    at.map((last_affected) => ({ last_affected })),
  )

  test('npm matches the same versions as the evaluation of the specification', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 5 }), (events) => {
        const { npm } = affectedRange(affected([events]))
        for (const version of VERSIONS) {
          const expected = evaluate(events, version)
          expect([version, npm, inRange(version, npm)]).toEqual([version, npm, expected])
          expect(npm !== '' && satisfies(version, npm, { includePrerelease: true, loose: true })).toBe(expected)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
