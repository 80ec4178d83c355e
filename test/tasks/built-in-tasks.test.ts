import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FakeAdvisory, FakePackage, LocalRegistry } from './local-registry.ts'
import { startRegistry } from './local-registry.ts'
import { makeRepository, makeWorld, removeWorlds, runBuiltInTask } from './run-built-in-task.ts'

const PACKAGES: readonly FakePackage[] = [
  { name: 'spoon', version: '1.0.0', code: 'module.exports = 1' },
  { name: 'spoon', version: '1.0.1', code: 'module.exports = 1' },
  { name: 'spoon', version: '2.0.0', code: 'module.exports = 2' },
  { name: 'fork', version: '1.0.0', code: 'module.exports = 1' },
  { name: 'fork', version: '2.0.0', code: 'module.exports = 2' },
  { name: 'knife', version: '1.0.0', code: 'module.exports = 1' },
  { name: 'knife', version: '1.1.0', code: 'module.exports = "broken"' },
  { name: 'plate', version: '1.0.0', code: 'module.exports = 1', peerDependencies: { fork: '^2.0.0' } },
]
const ADVISORIES: readonly FakeAdvisory[] = [
  { id: 'GHSA-spoo-nnnn-nnnn', package: 'spoon', range: '<1.0.1' },
  { id: 'GHSA-fork-nnnn-nnnn', package: 'fork', range: '<2.0.0' },
  { id: 'GHSA-knif-nnnn-nnnn', package: 'knife', range: '<1.1.0' },
]

let registry: LocalRegistry
beforeAll(async () => {
  registry = await startRegistry(PACKAGES, ADVISORIES)
})
afterAll(() => registry[Symbol.asyncDispose]())
afterAll(removeWorlds)

const TEST = 'node -e "if (require(\'spoon\') !== 1) process.exit(1)"'
const TIMEOUT = 120_000

/** A repository whose lockfile has older versions than its package.json allows. */
async function repository(
  dependencies: Record<string, string>,
  {
    locked = {},
    test = TEST,
    more = {},
    files = {},
    lock = ['--omit-lockfile-registry-resolved'],
  }: {
    locked?: Record<string, string>
    test?: string | null
    more?: object
    files?: Record<string, unknown>
    lock?: string[]
  } = {},
) {
  const world = makeWorld(registry.url)
  const scripts = test === null ? {} : { test }
  const pack = {
    name: 'shop',
    version: '1.0.0',
    private: true,
    scripts,
    dependencies: { ...dependencies, ...locked },
    ...more,
  }
  const ranges = JSON.stringify(dependencies)
  await makeRepository(world, { 'package.json': pack, ...files }, [
    ['install', '--package-lock-only', ...lock],
    ['pkg', 'set', `dependencies=${ranges}`, '--json'],
    ['install', '--package-lock-only', '--prefer-offline', ...lock],
  ])
  return world
}

describe.concurrent('fix-vulnerabilities', () => {
  test('works in the folder that its input names', { timeout: TIMEOUT }, async () => {
    const world = await repository({ spoon: '^1.0.0' }, { locked: { spoon: '1.0.0' } })
    const git = (...args: string[]) => execFileSync('git', ['-C', join(world.folder, 'source'), ...args])
    const files = git('ls-files').toString().trimEnd().split('\n')
    mkdirSync(join(world.folder, 'source/services/shop'), { recursive: true })
    git('mv', ...files, 'services/shop/')
    git('-c', 'user.name=T', '-c', 'user.email=t@example.org', 'commit', '--quiet', '--message=move')
    const outcome = await runBuiltInTask(world, 'fix-vulnerabilities', { folder: 'services/shop' })
    expect(outcome.succeeded, JSON.stringify(outcome.steps)).toBe(true)
    expect(outcome.changed).toBe('M services/shop/package-lock.json')
  })

  test('updates within the ranges, keeps the style of the lockfile, and passes', { timeout: TIMEOUT }, async () => {
    const world = await repository({ spoon: '^1.0.0' }, { locked: { spoon: '1.0.0' } })
    const outcome = await runBuiltInTask(world, 'fix-vulnerabilities')
    expect(outcome.steps).toMatchObject({ tests: { code: 0 }, 'audit after': { code: 0 } })
    expect(outcome.succeeded).toBe(true)
    expect(outcome.changed).toBe('M package-lock.json')
    expect(outcome.steps['audit before']?.output).toContain('GHSA-spoo-nnnn-nnnn')
    expect(outcome.steps['update the lockfile']?.output).toContain('spoon: 1.0.0 -> 1.0.1')
    expect(outcome.steps['audit after']?.output).toContain('No known vulnerability.')
    expect(outcome.file('package-lock.json')).not.toContain('resolved')
    expect(JSON.parse(outcome.artifact('audit-before.json'))).toHaveProperty('vulnerabilities.spoon')
    expect(JSON.parse(outcome.artifact('audit-after.json'))).toHaveProperty('vulnerabilities', {})
  })

  test(
    "entries keep the registry that the repository's lockfile names, not the mirror that was used",
    { timeout: TIMEOUT },
    async () => {
      const world = await repository({ spoon: '^1.0.0' }, { locked: { spoon: '1.0.0' }, lock: [] })
      const origin = 'https://packages.example/npm/'
      const rewrite = `sed -i 's#${registry.url}#${origin}#' package-lock.json && git -c user.name=t -c user.email=t@t commit -qam origin`
      execFileSync('sh', ['-ec', rewrite], { cwd: `${world.folder}/source` })
      const outcome = await runBuiltInTask(world, 'fix-vulnerabilities')
      expect(outcome.steps['install']?.output).not.toContain('ERR')
      expect(outcome.succeeded).toBe(true)
      expect(outcome.file('package-lock.json')).toContain(`"${origin}spoon/-/spoon-1.0.1.tgz"`)
      expect(outcome.file('package-lock.json')).not.toContain(registry.url)
    },
  )

  test('keeps version 1 of a lockfile', { timeout: TIMEOUT }, async () => {
    const lock = ['--lockfile-version=1', '--omit-lockfile-registry-resolved']
    const outcome = await runBuiltInTask(
      await repository({ spoon: '^1.0.0' }, { locked: { spoon: '1.0.0' }, lock }),
      'fix-vulnerabilities',
    )
    expect(outcome.succeeded).toBe(true)
    expect(JSON.parse(outcome.file('package-lock.json'))).toMatchObject({
      lockfileVersion: 1,
      dependencies: { spoon: { version: '1.0.1' } },
    })
  })

  test(
    'names packages that need a new major version or another range, and leaves them',
    { timeout: TIMEOUT },
    async () => {
      const outcome = await runBuiltInTask(await repository({ spoon: '1.0.0', fork: '^1.0.0' }), 'fix-vulnerabilities')
      expect(outcome.succeeded).toBe(true)
      expect(outcome.changed).toBe('')
      const { output = '' } = outcome.steps['audit after'] ?? {}
      expect(output).toContain('fork (high): needs fork 2.0.0, a new major version')
      expect(output).toContain('spoon (high): needs spoon 1.0.1, which package.json does not allow')
    },
  )

  test(
    'tests that the update breaks fail the run, which says what moved and that they passed before',
    { timeout: TIMEOUT },
    async () => {
      const test = 'node -e "if (require(\'knife\') !== 1) process.exit(1)"'
      const outcome = await runBuiltInTask(
        await repository({ knife: '^1.0.0' }, { locked: { knife: '1.0.0' }, test }),
        'fix-vulnerabilities',
      )
      expect(outcome.succeeded).toBe(false)
      expect(outcome.steps['tests']?.code).toBe(1)
      expect(outcome.steps).not.toHaveProperty('audit after')
      const { output = '' } = outcome.steps['why it failed'] ?? {}
      expect(output).toContain('knife: 1.0.0 -> 1.1.0')
      expect(output).toContain('The tests pass without the update')
    },
  )

  test('distinguishes tests that already failed before', { timeout: TIMEOUT }, async () => {
    const outcome = await runBuiltInTask(
      await repository({ spoon: '^1.0.0' }, { locked: { spoon: '1.0.0' }, test: 'exit 3' }),
      'fix-vulnerabilities',
    )
    expect(outcome.succeeded).toBe(false)
    expect(outcome.steps['why it failed']?.output).toContain('The tests fail without the update, too.')
  })

  test.each([null, 'echo "Error: no test specified" && exit 1'])(
    'reports that nothing was tested if there are no tests (%s)',
    { timeout: TIMEOUT },
    async (test) => {
      const outcome = await runBuiltInTask(
        await repository({ spoon: '^1.0.0' }, { locked: { spoon: '1.0.0' }, test }),
        'fix-vulnerabilities',
      )
      expect(outcome.succeeded).toBe(true)
      expect(outcome.steps['tests']?.output).toContain('nothing was tested')
    },
  )

  test.each([
    ['no package.json', { 'README.md': 'x' }, 'There is no package.json'],
    ['no lockfile', { 'package.json': { name: 'shop', version: '1.0.0' } }, 'There is no package-lock.json'],
    ['another package manager', { 'package.json': { name: 'shop' }, 'yarn.lock': '' }, 'installed by yarn.lock'],
  ])('fails with an explanation: %s', { timeout: TIMEOUT }, async (_, files, message) => {
    const world = makeWorld(registry.url)
    await makeRepository(world, files, [])
    const outcome = await runBuiltInTask(world, 'fix-vulnerabilities')
    expect(outcome.succeeded).toBe(false)
    expect(outcome.steps['look around']?.output).toContain(message)
    expect(outcome.changed).toBe('')
  })

  test("contradicting peers fail with npm's reason and a cure", { timeout: TIMEOUT }, async () => {
    const dependencies = { spoon: '^1.0.0', fork: '^1.0.0', plate: '^1.0.0' }
    const world = await repository(dependencies, {
      locked: { spoon: '1.0.0' },
      lock: ['--legacy-peer-deps', '--omit-lockfile-registry-resolved'],
    })
    const outcome = await runBuiltInTask(world, 'fix-vulnerabilities')
    expect(outcome.succeeded).toBe(false)
    expect(outcome.steps['update the lockfile']?.output).toMatch(/ERESOLVE[^]*legacy-peer-deps=true/)
  })

  test('an audit without an answer fails the run', { timeout: TIMEOUT }, async () => {
    const world = await repository({ spoon: '^1.0.0' }, { locked: { spoon: '1.0.0' } })
    const outcome = await runBuiltInTask({ ...world, registry: 'http://127.0.0.1:9/' }, 'fix-vulnerabilities')
    expect(outcome.succeeded).toBe(false)
    expect(outcome.steps['audit before']?.output).toMatch(/npm audit gave no answer:[^]*ECONNREFUSED/)
  })

  test('runs install scripts, unless the input forbids them', { timeout: TIMEOUT }, async () => {
    const more = { scripts: { test: TEST, postinstall: 'echo ran > ran.txt' } }
    const world = () =>
      repository({ spoon: '^1.0.0' }, { locked: { spoon: '1.0.0' }, more, files: { '.gitignore': 'ran.txt\n' } })
    expect((await runBuiltInTask(await world(), 'fix-vulnerabilities')).file('ran.txt')).toBe('ran\n')
    const without = await runBuiltInTask(await world(), 'fix-vulnerabilities', { 'install-scripts': 'no' })
    expect(() => without.file('ran.txt')).toThrow(/ENOENT/)
  })
})

describe('outdated-report', () => {
  test('reports outdated and vulnerable packages, and changes nothing', { timeout: TIMEOUT }, async () => {
    const outcome = await runBuiltInTask(
      await repository({ spoon: '^1.0.0', fork: '^1.0.0' }, { locked: { spoon: '1.0.0' } }),
      'outdated-report',
    )
    expect(outcome.succeeded).toBe(true)
    expect(outcome.artifact('report.md')).toContain('| spoon | 1.0.0 | 1.0.1 | 2.0.0 | dependencies |')
    expect(outcome.artifact('report.md')).toContain('GHSA-fork-nnnn-nnnn')
    expect(JSON.parse(outcome.artifact('outdated.json'))).toHaveProperty('fork')
    expect(outcome.changed.replace('?? node_modules/', '')).toBe('')
  })
})
