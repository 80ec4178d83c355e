// The report of advisories that the stage `inspect` makes: its lockfiles, and its note if there is no lockfile.
import { afterEach, expect, test } from 'vitest'
import type { AdvisorySource } from '../../src/advisories/types.ts'
import { advisoryLines } from '../../src/cli/print/print-advisories.ts'
import { createStyle } from '../../src/cli/text/style.ts'
import type { AdvisoryReport } from '../../src/domain/change.ts'
import { type Files, type Inspecting, openInspecting } from './inspecting.ts'

let inspecting: Inspecting
afterEach(() => inspecting[Symbol.asyncDispose]())

const lock = (version: string) =>
  JSON.stringify({ lockfileVersion: 3, packages: { 'node_modules/lodash': { version } } })

/** Knows one advisory, which ends with 4.17.21. */
const source: AdvisorySource = {
  kind: 'osv-directory',
  name: 'test records',
  query: async (asked) =>
    asked.flatMap(({ ecosystem, name, versions }) => {
      const affected = versions.filter((version) => version !== '4.17.21')
      const fields = { aliases: [], severity: null, title: 't', url: '', vulnerableRange: '', fixed: [], cwe: [] }
      const match = {
        ...fields,
        id: 'GHSA-1',
        ecosystem,
        package: name,
        versions: affected,
        cvss: { score: 0, vector: null },
      }
      return affected.length === 0 ? [] : [match]
    }),
}

async function report(base: Files, change: Files, options: { folder?: string; inputs?: Record<string, string> } = {}) {
  inspecting = await openInspecting(base)
  await inspecting.commit(change)
  const task = { reports: ['npm-advisories'], 'lockfile-folder': options.folder ?? '.' }
  const { advisories } = await inspecting.inspect({ task, advisories: source, inputs: options.inputs ?? {} })
  if (advisories === null) throw new Error('there is no report')
  return advisories
}

const lines = (advisories: AdvisoryReport) => advisoryLines(advisories, { style: createStyle(false), columns: 200 })

test('examines a lockfile at the top before and after the run', async () => {
  const advisories = await report({ 'package-lock.json': lock('4.17.15') }, { 'package-lock.json': lock('4.17.21') })
  expect(advisories).toMatchObject({ examined: { before: true, after: true }, note: null })
  expect(lines(advisories)[0]).toBe('Advisories: 1 before, 0 after')
})

test.each<[string, Files, RegExp]>([
  ['nothing', {}, /^there is no package-lock\.json at the top of the repository$/],
  ['pnpm', { 'pnpm-lock.yaml': 'lockfileVersion: 9.0\n' }, /, and pnpm-lock\.yaml is not read for advisories$/],
  ['Yarn', { 'yarn.lock': '# yarn lockfile v1\n' }, /, and yarn\.lock is not read for advisories$/],
  ['a folder', { 'app/package-lock.json': lock('4.17.15') }, /, but app\/package-lock\.json: name the folder/],
])('%s is not examined, and no zero says that all is well', async (_, base, note) => {
  const advisories = await report(base, { 'x.txt': 'x' })
  expect(advisories.note).toMatch(note)
  const [head, why] = lines(advisories)
  expect([head, why?.trim()]).toEqual(['Advisories: not examined', advisories.note])
})

test('reads the folder that the task or its input names', async () => {
  const base = { 'app/package-lock.json': lock('4.17.15'), 'package-lock.json': lock('1.0.0') }
  const advisories = await report(
    base,
    { 'app/package-lock.json': lock('4.17.21') },
    { folder: '${{ inputs.folder }}', inputs: { folder: './app/' } },
  )
  expect(advisories.packages).toEqual([
    { name: 'lodash', from: '4.17.15', to: '4.17.21', places: ['node_modules/lodash'] },
  ])
  expect(lines(advisories)[0]).toBe('Advisories: 1 before, 0 after')
})

test('does not examine a folder outside the repository', async () => {
  const advisories = await report({ 'package-lock.json': lock('1.0.0') }, { x: 'x' }, { folder: 'app/../..' })
  expect(advisories).toMatchObject({
    examined: { before: false, after: false },
    note: 'the folder is outside the repository',
  })
})

test('a run that removes the lockfile has fixed no advisory', async () => {
  const advisories = await report({ 'package-lock.json': lock('4.17.15') }, { 'package-lock.json': null })
  expect(advisories).toMatchObject({ examined: { before: true, after: false }, packages: [] })
  const text = lines(advisories).join('\n')
  expect(text).toMatch(/^Advisories: 1 before, not examined after/)
  expect(text).toMatch(/not examined +- +GHSA-1/)
  expect(text).not.toMatch(/gone|removed/)
})
