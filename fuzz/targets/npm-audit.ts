// Target: a query of `npm audit` from a sandbox and a registry's answer, as a pair `[question, answer]`.
import { bulkAnswer, parseBulkAnswer, parseBulkQuestion } from '../../src/advisories/bulk-answer.ts'
import { AdvisoryError } from '../../src/advisories/types.ts'
import { npmSatisfies } from '../oracles/npm.ts'
import { attempt, must, mustEqual, type Target } from '../target.ts'

function run(input: Uint8Array): string {
  const text = Buffer.from(input).toString('utf8')
  let pair: unknown
  try {
    pair = JSON.parse(text)
  } catch {
    return attempt(() => parseBulkQuestion(text), AdvisoryError).why ?? 'a question that is not JSON'
  }
  const [question, answer]: unknown[] = Array.isArray(pair) ? pair : [pair, {}]
  const asked = attempt(() => parseBulkQuestion(JSON.stringify(question) ?? ''), AdvisoryError)
  if (asked.value === null) return asked.why
  const { value: packages } = asked
  mustEqual([...parseBulkQuestion(JSON.stringify(Object.fromEntries(packages)))], [...packages], 'asked again')
  const matches = attempt(() => parseBulkAnswer(answer, packages), AdvisoryError)
  if (matches.value === null) return matches.why
  for (const { package: name, versions, vulnerableRange } of matches.value) {
    const named = packages.get(name) ?? []
    mustEqual(
      versions,
      named.filter((version) => npmSatisfies(version, vulnerableRange)),
      `affected by ${vulnerableRange}`,
    )
    must(versions.length > 0, () => `${name} matches no version`)
  }
  checkPassedOn(matches.value, packages)
  return `taken: ${packages.size > 0} ${Math.min(matches.value.length, 3)} ${matches.value.some(({ severity }) => severity === null)}`
}

/** Checks that the answer for the sandbox's npm has the same meaning. */
function checkPassedOn(
  matches: ReturnType<typeof parseBulkAnswer>,
  packages: ReadonlyMap<string, readonly string[]>,
): void {
  const again = parseBulkAnswer(JSON.parse(JSON.stringify(bulkAnswer(matches))), packages)
  const shown = (list: typeof matches) =>
    list
      .map(({ package: name, versions, vulnerableRange, title }) =>
        JSON.stringify([name, versions, vulnerableRange, title]),
      )
      .toSorted()
  mustEqual(shown(again), shown(matches), 'passed on')
}

const ADVISORY = {
  id: 1,
  url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
  title: 'x',
  severity: 'high',
  vulnerable_versions: '<1.2.3 || >=2.0.0 <2.0.1',
  cwe: ['CWE-1'],
  cvss: { score: 7.5, vectorString: 'CVSS:3.1/AV:N' },
}

export const target: Target = {
  name: 'npm-audit',
  covers: ['src/advisories/bulk-answer.ts'],
  json: true,
  dictionary: [
    ...[
      'lodash',
      '@s/b',
      '__proto__',
      'constructor',
      '1.0.0',
      '1.2.3-rc.1',
      'v2.0.0',
      'latest',
      '',
      'git+ssh://x',
      '1.0',
    ],
    ...[
      '<1.2.3',
      '>=1.0.0 <2.0.0',
      '*',
      '||',
      '^1.0.0',
      '~1',
      '1.x',
      '1.0.0 - 2.0.0',
      '<0.0.0-0',
      ' ',
      '=',
      'x',
      '>',
      '-0',
    ],
    ...['severity', 'vulnerable_versions', 'cvss', 'cwe', 'title', 'url', 'id', 'critical', 'info', 'unknown'],
  ],
  seeds: () =>
    [
      [
        { lodash: ['1.0.0', '2.0.0'], '@s/b': ['1.0.0-rc.1', 'git+ssh://x'] },
        { lodash: [ADVISORY], '@s/b': [ADVISORY] },
      ],
      [{ a: ['1.0.0'] }, { a: [{ ...ADVISORY, severity: null, cvss: null, vulnerable_versions: '*' }], b: [ADVISORY] }],
      { a: ['1.0.0', '1.0.0'] },
    ].map((value) => JSON.stringify(value)),
  run,
}
