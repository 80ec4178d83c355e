// Wrong input gets a message that names the thing and the cure, the right exit code, and never a stack trace.
import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { IS_ROOT } from '../machine.ts'
import type { Bench } from './glovebox.ts'
import { finished, git, makeRepository, openBench, PROJECT } from './glovebox.ts'
import { makeDataFolder } from '../data-folder.ts'

let bench: Bench
let repository: string
beforeAll(async () => {
  bench = await openBench()
  repository = await makeRepository(bench.folder, 'project', {
    'README.md': 'hello\n',
    '.glovebox/tasks/typo.yaml':
      'name: typo\ndescription: d\nmode: read-only\nsteps:\n  - name: one\n    runs: echo hi\n',
  })
  await mkdir(join(bench.folder, 'plain'))
  await mkdir(join(bench.folder, 'empty'))
  await git(join(bench.folder, 'empty'), 'init', '--quiet')
})
afterAll(() => bench[Symbol.asyncDispose]())

test.each([
  ['not a repository', () => ['run', 'outdated-report', '--repo', 'plain'], 2, /plain.*not a (git )?repository/i],
  ['a path that is not there', () => ['run', 'outdated-report', '--repo', 'nowhere'], 2, /nowhere/],
  ['an empty repository', () => ['run', 'outdated-report', '--repo', 'empty'], 2, /no branches|empty/],
  [
    'an unknown ref',
    () => ['run', 'outdated-report', '--repo', repository, '--ref', 'mian'],
    2,
    /no branch, tag or commit "mian".*main/s,
  ],
  [
    'an unknown task',
    () => ['run', 'fix-vulnerabilites', '--repo', repository],
    2,
    /no task `fix-vulnerabilites`.*fix-vulnerabilities/s,
  ],
  [
    'a task with a typo',
    () => ['run', 'typo', '--repo', repository],
    2,
    /\.glovebox\/tasks\/typo\.yaml:6:5.*`?runs`?.*`?run`?/s,
  ],
  ['an unknown input', () => ['run', 'outdated-report', '--repo', repository, '--input', 'x=y'], 2, /no input `x`/],
  ['an input that is no pair', () => ['run', 'outdated-report', '--repo', repository, '--input', 'x'], 2, /x/],
  [
    'write mode for a read-only task',
    () => ['run', 'outdated-report', '--repo', repository, '--mode', 'write'],
    2,
    /read-only/,
  ],
  [
    'a mode that is none',
    () => ['run', 'outdated-report', '--repo', repository, '--mode', 'everything'],
    2,
    /everything/,
  ],
  [
    'an unknown sandbox',
    () => ['run', 'outdated-report', '--repo', repository, '--sandbox', 'hope'],
    2,
    /hope.*bubblewrap/s,
  ],
  [
    'a folder without advisories',
    () => ['run', 'outdated-report', '--repo', repository, '--advisories', 'plain'],
    2,
    /plain/,
  ],
  ['no repository at all', () => ['run', 'outdated-report'], 2, /--repo/],
  ['an ssh address', () => ['run', 'outdated-report', '--repo', 'ssh://git@example.com/x'], 2, /ssh/],
  ['an unknown run', () => ['trace', 'zzzzzzzz'], 2, /zzzzzzzz/],
  ['an unknown change', () => ['change', 'show', 'zzzzzzzz'], 2, /zzzzzzzz/],
  ['an unknown kind of event', () => ['trace', 'latest', '--kind', 'nonsense'], 2, /nonsense/],
  ['an unknown command', () => ['explode'], 2, /explode/],
  ['an unknown option', () => ['runs', '--loud'], 2, /--loud/],
])('%s', async (_, argv, code, message) => {
  const result = await bench.glovebox(...argv())
  expect(result.stderr).toMatch(message)
  expect(result.code).toBe(code)
  expect(result.stderr).not.toMatch(/^\s+at |node:internal|Error:/m)
  expect(result.stdout).toBe('')
})

test('a missing command fails the step with a message', async () => {
  const { code, stderr } = await bench.glovebox('run', '--repo', repository, '--', 'no-such-program')
  expect(code).toBe(1)
  expect(stderr).not.toMatch(/node:internal/)
})

test('a configuration with a typo stops the start with file, line and key', async () => {
  const data = join(bench.folder, 'typo-data')
  await makeDataFolder(data, 'servces: [x]\n')
  const { code, stderr } = await bench.glovebox('runs', '--data', data)
  expect(code).toBe(2)
  expect(stderr).toMatch(/glovebox\.yaml:1:1.*servces.*services/s)
})

/** Hides the tools in a separate mount namespace, so that other processes keep them. */
function without(tools: string, ...argv: string[]) {
  const hidden = `for tool in ${tools}; do mount --bind /dev/null "$(command -v $tool)" || exit 99; done; exec "$@"`
  const command = [join(PROJECT, 'bin/glovebox'), ...argv, '--data', bench.data]
  return finished(spawn('unshare', ['--mount', 'sh', '-c', hidden, 'sh', ...command]))
}

test.runIf(IS_ROOT)('without bubblewrap, doctor and run name it and how to install it', async () => {
  const doctor = await without('bwrap', 'doctor')
  expect(doctor.code).toBe(4)
  expect(doctor.stdout).toMatch(/missing\s+bubblewrap .*apt-get install bubblewrap/)
  const run = await without('bwrap', 'run', '--repo', repository, '--json', '--', 'true')
  expect(run.code).toBe(4)
  expect((JSON.parse(run.stdout) as { run: { reason: string } }).run.reason).toContain('install the package bubblewrap')
})

test.runIf(IS_ROOT)(
  'only what is asked for is needed: doctor and run do without tools that tests alone use',
  async () => {
    const tools = 'setpriv unshare perl strace'
    expect((await without(tools, 'doctor', '--json')).stdout).toMatch(/"name":\s*"user namespaces",\s*"found":\s*true/)
    expect((await without(tools, 'run', '--repo', repository, '--', 'true')).code).toBe(0)
  },
)
