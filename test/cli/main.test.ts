// The real program in separate processes: its exit codes, signals, and killed processes.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const PROJECT = join(import.meta.dirname, '../..')
const GUEST = join(PROJECT, 'build/guest/glovebox-guest')

let folder: string
const children = new Set<ChildProcess>()
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'glovebox-main-'))
})
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
  children.clear()
  await rm(folder, { recursive: true })
})

function start(...args: string[]) {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(PROJECT, 'src/main.ts'), ...args],
    {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, GLOVEBOX_DATA: join(folder, 'data') },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  children.add(child)
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString()
  })
  const ended = once(child, 'close').then(([code, signal]: unknown[]) => ({ code, signal, ...output }))
  return { child, output, ended }
}

const type = (...args: string[]) => start(...args).ended

test('help exits with 0, and neither help nor wrong usage creates a data folder', async () => {
  expect(await type('--help')).toMatchObject({ code: 0, stderr: '' })
  expect(await type('run')).toMatchObject({ code: 2, stdout: '' })
  expect(existsSync(join(folder, 'data'))).toBe(false)
})

test('a command that only reads refuses a named data folder that does not exist', async () => {
  for (const argv of [['runs'], ['change', 'approve', 'latest'], ['policy'], ['ask', 'list'], ['trace', 'latest']])
    expect(await type(...argv)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /^glovebox: there is no data folder \/.*\/data\n {2}check the path after --data or/,
      ),
    })
  expect(existsSync(join(folder, 'data'))).toBe(false)
})

test('a command that starts something makes a named data folder, for its owner alone, and says so', async () => {
  const { code, stderr } = await type('run', 'outdated-report', '--repo', 'nowhere')
  expect(code).toBe(2)
  expect(stderr).toContain(`Making the data folder ${join(folder, 'data')}, which does not exist yet.\n`)
  expect((await stat(join(folder, 'data'))).mode & 0o777).toBe(0o700)
  expect(await type('runs', '--json')).toMatchObject({ code: 0, stderr: '' })
})

test('a reader that closes the pipe does not cause a failure', async () => {
  await mkdir(join(folder, 'data'), { mode: 0o700 })
  const { child, ended } = start('policy', '--json')
  child.stdout?.destroy()
  expect(await ended).toMatchObject({ code: 0, signal: null })
})

test('serve ends in order on SIGTERM, and a killed serve does not block the next one', async () => {
  const serve = () => start('serve', '--port', '0')
  await mkdir(join(folder, 'data'), { mode: 0o700 })
  const killed = serve()
  await vi.waitFor(() => expect(killed.output.stdout).toContain('Listening on'), 20_000)
  expect(await type('runs', '--json')).toMatchObject({ code: 0, stdout: '[]\n' })
  expect(await type('serve', '--port', '0')).toMatchObject({ code: 4, stdout: '' })
  killed.child.kill('SIGKILL')
  await killed.ended
  expect(existsSync(join(folder, 'data/server.sock'))).toBe(true)
  const next = serve()
  await vi.waitFor(() => expect(next.output.stdout).toContain('Listening on'), 20_000)
  next.child.kill('SIGTERM')
  expect(await next.ended).toMatchObject({ code: 0, stderr: '' })
  expect(existsSync(join(folder, 'data/server.sock'))).toBe(false)
}, 90_000)

test.skipIf(!existsSync(GUEST))(
  'Ctrl-C cancels the run: exit code 130, and --json still says how it ended',
  async () => {
    await makeRepository(join(folder, 'repository'))
    const { child, output, ended } = start('run', '--repo', 'repository', '--json', '--', 'sleep', '300')
    await vi.waitFor(() => expect(output.stderr).toContain('step 2 of'), 40_000)
    child.kill('SIGINT')
    const { code, stdout } = await ended
    expect(code).toBe(130)
    expect(JSON.parse(stdout)).toMatchObject({ run: { status: 'cancelled' }, change: null })
  },
  90_000,
)

test.skipIf(!existsSync(GUEST))(
  'the output of a command comes while it is at work, and nothing else is on standard output',
  async () => {
    await makeRepository(join(folder, 'repository'))
    const { child, output, ended } = start('run', '--repo', 'repository', '--', 'sh', '-c', 'echo ready; sleep 300')
    await vi.waitFor(() => expect(output.stdout).toBe('ready\n'), 40_000)
    child.kill('SIGINT')
    expect(await ended).toMatchObject({ code: 130, stdout: 'ready\n' })
    expect(output.stderr).toMatch(/\n✗ cancelled by .* · during step `command`\n/)
  },
  90_000,
)

test.skipIf(!existsSync(GUEST))(
  'another process follows a run, and a task that fails is exit code 1',
  async () => {
    await makeRepository(join(folder, 'repository'))
    const run = start('run', '--repo', 'repository', '--', 'sh', '-c', 'echo out; echo err >&2; sleep 4; exit 7')
    await vi.waitFor(() => expect(run.output.stderr).toContain('step 1 of'), 40_000)
    const { code, stdout } = await type(
      'trace',
      'latest',
      '--follow',
      '--json',
      '--kind',
      'run.planned',
      'run.finished',
    )
    expect(code).toBe(0)
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { kind: string }).kind),
    ).toEqual(['run.planned', 'run.finished'])
    expect(await run.ended).toMatchObject({
      code: 1,
      stdout: 'out\n',
      stderr: expect.stringMatching(/\nerr\n[^]*\n✗ step `command` exited with 7 · /),
    })
  },
  90_000,
)

async function makeRepository(path: string): Promise<void> {
  const git = (...args: string[]) =>
    promisify(execFile)('git', ['-C', path, '-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...args])
  await mkdir(path)
  await writeFile(join(path, 'README.md'), 'hello\n')
  await git('init', '-q', '-b', 'main')
  await git('add', '.')
  await git('commit', '-q', '-m', 'start')
}
