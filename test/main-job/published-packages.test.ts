// Real repositories: fix-vulnerabilities ends with an honest result for each.
import { existsSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Bench } from './glovebox.ts'
import { git, openBench, PROJECT } from './glovebox.ts'
import { publishedPackage } from './published-package.ts'
import { testFolder } from '../test-folder.ts'

/** Real advisory records for many packages if the machine has them; otherwise those of the demo. */
const SHARED = join(PROJECT, '../shared/data/advisories/npm')
const ADVISORIES = existsSync(SHARED) ? SHARED : join(PROJECT, 'examples/advisories/npm')

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench[Symbol.asyncDispose]())

interface Result {
  code: number | null
  run: { id: string; status: string; reason: string | null }
  advisories: { before: string[]; after: string[] }
  change: { id: string; files: number } | null
}

async function fix(repository: string): Promise<Result> {
  const { code, stdout, stderr } = await bench.glovebox(
    'run',
    'fix-vulnerabilities',
    '--repo',
    repository,
    '--advisories',
    ADVISORIES,
    '--json',
  )
  if (!stdout.startsWith('{"run"')) throw new Error(`${stdout}${stderr}`)
  return { code, ...(JSON.parse(stdout) as Omit<Result, 'code'>) }
}

test('rc 1.2.8: fixes what its ranges allow, and its own tests pass', async () => {
  const repository = await publishedPackage(bench.folder, 'rc@1.2.8', {
    minimist: '1.2.0',
    ini: '1.3.5',
    'deep-extend': '0.6.0',
  })
  const result = await fix(repository)
  expect(result).toMatchObject({ code: 0, run: { status: 'succeeded' } })
  expect(result.advisories.before).toEqual(expect.arrayContaining(['GHSA-vh95-rmgr-6w4m', 'GHSA-xvch-5gv4-984h']))
  expect(result.advisories.after).toEqual([])
  const { stdout } = await bench.glovebox('change', 'diff', result.change?.id ?? '')
  expect(stdout).toContain('package-lock.json')
  expect(stdout).not.toContain('+++ b/package.json')
  expect((await bench.glovebox('output', result.run.id, 'tests')).stdout.length).toBeGreaterThan(0)
})

test('mkdirp 0.5.1: proposes nothing, because the package itself pins a vulnerable version', async () => {
  const repository = await publishedPackage(bench.folder, 'mkdirp@0.5.1', {})
  const result = await fix(repository)
  // Its tests need a test runner from its devDependencies, which are omitted here, so they fail, too.
  expect(result).toMatchObject({ code: 1, run: { status: 'failed' } })
  expect(result.advisories.before).toContain('GHSA-vh95-rmgr-6w4m')
  expect(result.advisories.after).toContain('GHSA-vh95-rmgr-6w4m')
  expect(result.change).toBeNull()
  const lockfile = await git(repository, 'show', 'HEAD:package-lock.json')
  expect(lockfile).toContain('"version": "0.0.8"')
})

test('optimist 0.6.1: fails and proposes nothing, because the tests failed before and still fail', async () => {
  const repository = await publishedPackage(bench.folder, 'optimist@0.6.1', { minimist: '0.0.8' })
  const result = await fix(repository)
  expect(result).toMatchObject({ code: 1, run: { status: 'failed' } })
  expect(result.run.reason).toContain('tests')
  expect(result.advisories.before).toContain('GHSA-vh95-rmgr-6w4m')
  expect(result.change).toBeNull()
})

test('reports that a repository has no lockfile', async () => {
  await using folder = await testFolder()
  const tree = join(folder.path, 'storefront')
  await cp(join(PROJECT, 'examples/storefront'), tree, {
    recursive: true,
    filter: (source) => !/node_modules|package-lock/.test(source),
  })
  await git(tree, 'init', '--quiet', '--initial-branch=main')
  await git(tree, 'add', '--all')
  await git(tree, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '--quiet', '-m', 'No lockfile')
  const result = await fix(tree)
  expect(result).toMatchObject({ code: 1, run: { status: 'failed' }, change: null })
  const said = await bench.glovebox('output', result.run.id, '1', '--stderr')
  expect(said.stdout).toMatch(/package-lock\.json/)
})
