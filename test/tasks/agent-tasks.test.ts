// The scripts around the agents of built-in tasks: their results and refusals. The agents themselves run in test/agents, in
// a sandbox.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LocalRegistry } from './local-registry.ts'
import { startRegistry } from './local-registry.ts'
import { makeRepository, makeWorld, removeWorlds, runBuiltInTask } from './run-built-in-task.ts'

let registry: LocalRegistry
beforeAll(async () => {
  registry = await startRegistry(
    [
      { name: 'spoon', version: '1.0.0', code: 'module.exports = 1' },
      { name: 'spoon', version: '2.0.0', code: 'module.exports = 2' },
    ],
    [],
  )
})
afterAll(() => registry[Symbol.asyncDispose]())
afterAll(removeWorlds)

const TIMEOUT = 120_000

/** A test file with a test that fails in every second run. */
const FLAKY = `import { test } from 'node:test'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
test('adds up', () => {})
test('depends on what was before', () => {
  if (existsSync('state')) { rmSync('state'); throw new Error('left over') }
  writeFileSync('state', '')
})
`

async function suite(source: string) {
  const world = makeWorld(registry.url)
  const pack = { name: 'shop', version: '1.0.0', private: true, type: 'module', scripts: { test: 'node --test' } }
  await makeRepository(world, { 'package.json': pack, 'a.test.js': source }, [])
  return world
}

describe.concurrent('stabilise-tests', () => {
  test('names flaky tests and how often they fail', { timeout: TIMEOUT }, async () => {
    const outcome = await runBuiltInTask(await suite(FLAKY), 'stabilise-tests', { times: '4' })
    expect(outcome.steps).toMatchObject({ 'passes at all': { code: 0 }, 'repeated tests': { code: 1 } })
    const { output = '' } = outcome.steps['repeated tests'] ?? {}
    expect(output).toContain('2 of 4 runs of the suite failed.')
    expect(output).toContain('2 of 4 failed: depends on what was before')
    expect(output).not.toContain('adds up')
    expect(outcome.artifact('flaky-before.md')).toContain('left over')
    expect(outcome.artifact('flaky-after.md')).toBe('')
  })

  test('keeps the result from before the repair beside the one after it', { timeout: TIMEOUT }, async () => {
    const outcome = await runBuiltInTask(await suite(FLAKY), 'stabilise-tests', { times: '4' }, (repository) =>
      writeFileSync(join(repository, 'a.test.js'), "import 'node:test'\n"),
    )
    expect(outcome.succeeded).toBe(true)
    expect(outcome.artifact('flaky-before.md')).toContain('2 of 4 failed: depends on what was before')
    expect(JSON.parse(outcome.artifact('flaky-before.json'))).toMatchObject({ tests: [{ failures: 2, of: 4 }] })
    expect(outcome.artifact('flaky-after.md')).toBe('0 of 4 runs of the suite failed.\n')
    expect(JSON.parse(outcome.artifact('flaky-after.json'))).toMatchObject({ tests: [] })
  })

  test('does not start the agent for a suite that always passes', { timeout: TIMEOUT }, async () => {
    const outcome = await runBuiltInTask(await suite("import 'node:test'\n"), 'stabilise-tests', { times: '2' })
    expect(outcome.succeeded).toBe(true)
    expect(outcome.changed).toBe('')
  })

  test('reports a suite that never passes as broken', { timeout: TIMEOUT }, async () => {
    const outcome = await runBuiltInTask(await suite('throw new Error("no")\n'), 'stabilise-tests', { times: '2' })
    expect(outcome.steps['passes at all']?.output).toContain('it is broken, not flaky')
    expect(outcome.steps).not.toHaveProperty('repeated tests')
  })

  test.each(['0', 'many', '1000', '-3'])('times=%s is refused', { timeout: TIMEOUT }, async (times) => {
    const outcome = await runBuiltInTask(await suite(''), 'stabilise-tests', { times })
    expect(outcome.steps['look around']?.output).toContain('times is a number from 2 to 50')
  })
})

async function shop(range: string, code = "import spoon from 'spoon'\nif (spoon !== 1) throw new Error('changed')\n") {
  const world = makeWorld(registry.url)
  const pack = { name: 'shop', version: '1.0.0', private: true, type: 'module', scripts: { test: 'node a.js' } }
  await makeRepository(world, { 'package.json': { ...pack, devDependencies: { spoon: range } }, 'a.js': code }, [
    ['install', '--package-lock-only'],
  ])
  return world
}

describe.concurrent('upgrade-dependency', () => {
  test(
    'upgrades the package in its dependency group and keeps the style of the file',
    { timeout: TIMEOUT },
    async () => {
      const world = await shop('1.0.0', "import 'spoon'\n")
      const origin = 'https://packages.example/npm/'
      const rewrite = `sed -i 's#${registry.url}#${origin}#' package-lock.json && git -c user.name=t -c user.email=t@t commit -qam origin`
      execFileSync('sh', ['-ec', rewrite], { cwd: `${world.folder}/source` })
      const outcome = await runBuiltInTask(world, 'upgrade-dependency', { package: 'spoon', version: '2.0.0' })
      expect(outcome.steps['upgrade']).toMatchObject({ code: 0 })
      expect(JSON.parse(outcome.file('package.json'))).toMatchObject({ devDependencies: { spoon: '2.0.0' } })
      expect(outcome.file('package-lock.json')).toContain(`"${origin}spoon/-/spoon-2.0.0.tgz"`)
      expect(outcome.file('package-lock.json')).not.toContain(registry.url)
    },
  )

  test('asks the agent about the tests that fail after the upgrade', { timeout: TIMEOUT }, async () => {
    const world = await shop('^1.0.0')
    const outcome = await runBuiltInTask(world, 'upgrade-dependency', { package: 'spoon', version: '2' })
    expect(outcome.steps).toMatchObject({ install: { code: 0 }, tests: { code: 1 } })
    expect(outcome.artifact('tests.txt')).toContain('changed')
  })

  test.each([
    [{ package: 'fork' }, 'package.json does not depend on fork.'],
    [{ package: '../x' }, 'This is not a package name'],
    [{ package: 'spoon', version: '--force' }, 'This is not a version'],
    [{ package: 'spoon', version: 'file:/etc' }, 'This is not a version'],
  ])('%o is refused', { timeout: TIMEOUT }, async (inputs, message) => {
    const outcome = await runBuiltInTask(await shop('^1.0.0'), 'upgrade-dependency', inputs)
    expect(outcome.steps['look around']?.output).toContain(message)
    expect(outcome.succeeded).toBe(false)
  })
})

describe.concurrent('read-only tasks', () => {
  test('review-change says that the default branch is not reviewed against itself', { timeout: TIMEOUT }, async () => {
    const outcome = await runBuiltInTask(await suite(''), 'review-change')
    expect(outcome.steps['difference']?.output).toContain('name the branch to review with --ref')
  })

  test('explain-security-posture gathers facts about the repository', { timeout: TIMEOUT }, async () => {
    const world = makeWorld(registry.url)
    await makeRepository(world, { 'package.json': { name: 'x', scripts: { postinstall: 'true' } }, '.env': 'A=1' }, [])
    const outcome = await runBuiltInTask(world, 'explain-security-posture')
    expect(outcome.artifact('facts.txt')).toMatch(/"postinstall": "true"[^]*\.env/)
    expect(outcome.artifact('audit.json')).toBe('{}\n')
  })
})
