// The built-in tasks with their agent steps, from the command line, in a real sandbox, with a scripted model.
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commitAll, git, PROJECT } from '../main-job/glovebox.ts'
import type { ScriptSource } from '../scripted-model/script.ts'
import { readScript } from '../scripted-model/script.ts'
import type { FakePackage, LocalRegistry } from '../tasks/local-registry.ts'
import { startRegistry } from '../tasks/local-registry.ts'
import { makeRepository } from '../tasks/run-built-in-task.ts'
import type { AgentBench, AgentRun } from './agent-bench.ts'
import { openAgentBench } from './agent-bench.ts'
import { BUILT_IN } from './agent-under-test.ts'

const TIMEOUT = { timeout: 240_000 }
const PACKAGES: readonly FakePackage[] = [
  { name: 'spoon', version: '1.0.0', code: 'module.exports = 1' },
  { name: 'spoon', version: '1.1.0', code: 'module.exports = { size: 1 }' },
  { name: 'spoon', version: '2.0.0', code: 'exports.size = () => 1' },
]

let registry: LocalRegistry
beforeAll(async () => {
  registry = await startRegistry(PACKAGES, [{ id: 'GHSA-spoo-nnnn-nnnn', package: 'spoon', range: '<1.1.0' }])
})
afterAll(() => registry[Symbol.asyncDispose]())

function open(script: ScriptSource): Promise<AgentBench> {
  return openAgentBench({ agent: BUILT_IN, script, environment: { npm_config_registry: registry.url } })
}

/** A program that uses the API of spoon 1.0.0. */
const CODE = "const spoon = require('spoon')\nmodule.exports = () => spoon\n"
const TEST = "if (require('./main.js')() !== 1) throw new Error('the spoon has another size')\n"

async function kitchen(bench: AgentBench): Promise<string> {
  const world = { folder: join(bench.folder, 'world'), registry: registry.url }
  await mkdir(join(world.folder, 'home'), { recursive: true })
  const pack = { name: 'kitchen', version: '1.0.0', private: true, scripts: { test: 'node test.js' } }
  const files = { 'package.json': { ...pack, dependencies: { spoon: '1.0.0' } }, 'main.js': CODE, 'test.js': TEST }
  const lock = ['install', '--package-lock-only', '--omit-lockfile-registry-resolved']
  await makeRepository(world, files, [lock, ['pkg', 'set', 'dependencies.spoon=^1.0.0'], lock])
  return join(world.folder, 'source')
}

/** Makes the given edits, runs the tests and finishes. */
function adapt(replacement: string): ScriptSource {
  return {
    name: 'adapt',
    turns: [
      { calls: [{ tool: 'read', path: 'main.js' }] },
      { calls: [{ tool: 'edit', path: 'main.js', old: '=> spoon\n', new: `=> ${replacement}\n` }] },
      { calls: [{ tool: 'run', command: 'npm test' }] },
      { calls: [{ tool: 'finish', summary: 'Our code follows the new version.' }] },
    ],
  }
}

function outcomes(run: AgentRun, ...names: string[]): string[] {
  const steps = run.of('step.finished').filter(({ name }) => names.includes(name))
  return steps.map(({ name, outcome }) => `${name} ${outcome}`)
}

async function changedFiles(bench: AgentBench): Promise<string[]> {
  const { stdout } = await bench.glovebox('change', 'diff', 'latest')
  return [...stdout.matchAll(/^diff --git a\/(\S+)/gm)].map(([, path]) => path!)
}

async function artifact(bench: AgentBench, run: AgentRun, name: string): Promise<string> {
  const stored = run.of('artifact.stored').find((each) => each.name === name)
  return stored === undefined ? '' : (await bench.blob(stored.digest)).toString()
}

describe.concurrent('with a scripted model', () => {
  test('fix-vulnerabilities lets the agent adapt the code when the update breaks the tests', TIMEOUT, async () => {
    await using bench = await open(adapt('spoon.size'))
    const run = await bench.run(await kitchen(bench), 'fix-vulnerabilities')
    expect(run, run.stderr).toMatchObject({ code: 0, status: 'succeeded' })
    expect(outcomes(run, 'tests', 'make the tests pass')).toEqual([
      'tests failed',
      'make the tests pass succeeded',
      'tests succeeded',
    ])
    expect(await changedFiles(bench)).toEqual(['main.js', 'package-lock.json'])
    expect(await artifact(bench, run, 'audit-after.json')).toContain('"vulnerabilities": {}')
    const [given] = run.of('prompt.given')
    expect((await bench.blob(given!.prompt)).toString()).toContain('the spoon has another size')
  })

  test('upgrade-dependency lets the agent adapt the code to a new major version', TIMEOUT, async () => {
    await using bench = await open(adapt('spoon.size()'))
    const inputs = ['--input', 'package=spoon', '--input', 'version=2.0.0']
    const run = await bench.run(await kitchen(bench), 'upgrade-dependency', ...inputs)
    expect(run, run.stderr).toMatchObject({ code: 0, status: 'succeeded' })
    expect(outcomes(run, 'tests', 'adapt our code')).toEqual([
      'tests failed',
      'adapt our code succeeded',
      'tests succeeded',
    ])
    expect(await changedFiles(bench)).toEqual(['main.js', 'package-lock.json', 'package.json'])
  })

  test('stabilise-tests lets the agent repair the flaky test, and proves it', TIMEOUT, async () => {
    await using bench = await open(await readScript(join(PROJECT, 'test/scripted-model/scripts/fix-flaky-lock.json')))
    const repository = join(bench.folder, 'flaky-lock')
    await cp(join(PROJECT, 'examples/flaky-lock'), repository, { recursive: true })
    await git(repository, 'init', '--quiet', '--initial-branch=main')
    await commitAll(repository, 'Begin')
    const run = await bench.run(repository, 'stabilise-tests', '--input', 'times=4')
    expect(run, run.stderr).toMatchObject({ code: 0, status: 'succeeded' })
    expect(outcomes(run, 'repeated tests', 'mend one')).toEqual([
      'repeated tests failed',
      'mend one succeeded',
      'repeated tests succeeded',
    ])
    const [given] = run.of('prompt.given')
    expect((await bench.blob(given!.prompt)).toString()).toContain('2 of 4 failed: a lock that is taken is there')
    expect(JSON.parse(await artifact(bench, run, 'flaky-before.json'))).toMatchObject({
      tests: [{ failures: 2, of: 4 }],
    })
    expect(JSON.parse(await artifact(bench, run, 'flaky-after.json'))).toMatchObject({ tests: [] })
    expect(await changedFiles(bench)).toEqual(['test/lock.test.js'])
  })

  test('review-change sees the base, stores its findings as an artifact, and changes nothing', TIMEOUT, async () => {
    const review = 'It adds a rule and no test.\n\nmajor: rules.md says nothing on exceptions.\n'
    await using bench = await open({
      name: 'review',
      turns: [
        { calls: [{ tool: 'run', command: 'git diff origin/main...HEAD --stat' }] },
        { calls: [{ tool: 'write', path: '/tmp/artifacts/review.md', content: review }] },
        { calls: [{ tool: 'finish', summary: 'I would not let it through.' }] },
      ],
    })
    const repository = await bench.repository({})
    const tree = repository.replace(/\.git$/, '')
    await git(tree, 'checkout', '--quiet', '-b', 'topic')
    await writeFile(join(tree, 'rules.md'), 'Always.\n')
    await commitAll(tree, 'Add a rule')
    // The checked-out branch is the default branch of a local repository.
    await git(tree, 'checkout', '--quiet', 'main')
    const run = await bench.run(tree, 'review-change', '--ref', 'topic')
    expect(run, run.stderr).toMatchObject({ code: 0, status: 'succeeded' })
    expect(await artifact(bench, run, 'review.md')).toBe(review)
    expect(await artifact(bench, run, 'change.diff')).toContain('+Always.')
    const seen = bench.model.exchanges.map(({ request }) => request.toString()).at(-1)!
    expect(seen).toContain('rules.md | 1 +')
    expect(run.of('change.proposed')).toEqual([])
  })

  test('explain-security-posture explains from facts, and changes nothing', TIMEOUT, async () => {
    const posture = 'First: a lockfile. Then: owners. Then: a policy.\n'
    await using bench = await open({
      name: 'explain',
      turns: [
        { calls: [{ tool: 'read', path: 'package.json' }] },
        { calls: [{ tool: 'write', path: '/tmp/artifacts/security-posture.md', content: posture }] },
        { calls: [{ tool: 'finish', summary: 'Explained.' }] },
      ],
    })
    const run = await bench.run(await bench.repository({ '.env': 'A=1\n' }), 'explain-security-posture')
    expect(run, run.stderr).toMatchObject({ code: 0, status: 'succeeded' })
    expect(await artifact(bench, run, 'security-posture.md')).toBe(posture)
    const [given] = run.of('prompt.given')
    expect((await bench.blob(given!.prompt)).toString()).toMatch(/should perhaps not be here\n\.env/)
    expect(run.of('change.proposed')).toEqual([])
  })
})

test(
  'without a model, a task skips its optional agent step with a note, and its result depends on the tests',
  TIMEOUT,
  async () => {
    await using bench = await open(adapt('spoon.size'))
    await writeFile(join(bench.data, 'glovebox.yaml'), '', { mode: 0o600 })
    const run = await bench.run(await kitchen(bench), 'fix-vulnerabilities')
    expect(run).toMatchObject({ code: 1, status: 'failed' })
    expect(run.step('make the tests pass')).toMatchObject({ outcome: 'skipped', note: 'no model is connected' })
  },
)
