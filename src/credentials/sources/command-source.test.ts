import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { runSecretCommand } from './command-source.ts'

const ENV = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: '/nonexistent' }
const NEVER = new AbortController().signal

function run(argv: readonly string[], options: { signal?: AbortSignal; timeoutMs?: number } = {}) {
  return runSecretCommand(argv, ENV, options.signal ?? NEVER, options.timeoutMs)
}

test('what it prints is the secret, without the last line break', async () => {
  expect((await run(['printf', String.raw`sk-1 2\n`])).reveal()).toBe('sk-1 2')
})

test('it gets its arguments as they are: no shell', async () => {
  expect((await run(['echo', '$HOME; id `id` > /tmp/x'])).reveal()).toBe('$HOME; id `id` > /tmp/x')
})

test('it gets PATH and HOME and nothing else of our environment, and no input', async () => {
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'canary')
  try {
    const script =
      'cat; env | grep -v -e ^PWD= -e ^SHLVL= -e ^_= -e ^OLDPWD= | cut -d= -f1 | sort | tr "\\n" " " | sed "s/ $//"'
    expect((await run(['sh', '-c', script])).reveal()).toBe('HOME PATH')
  } finally {
    vi.unstubAllEnvs()
  }
})

test.each([
  ['a program that is not there', ['no-such-program-x'], /no-such-program-x can't be run: ENOENT/],
  ['one that fails', ['sh', '-c', 'echo sk-live; echo sk-live >&2; exit 3'], /sh failed: exit 3/],
  ['one that is killed', ['sh', '-c', 'kill -9 $$'], /sh failed: signal SIGKILL/],
  ['one that prints nothing', ['true'], /what true printed is empty/],
  ['one that prints binary', ['printf', String.raw`\200\001`], /no visible ASCII/],
  ['one that prints for ever', ['yes', 'sk-live'], /yes printed more than 16384 bytes/],
])('%s is told by what it did; nothing that it printed is repeated', async (_, argv, expected) => {
  const error: unknown = await run(argv).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ source: 'command', message: expect.stringMatching(expected) })
  expect((error as Error).message).not.toContain('sk-live')
})

test('one that does not end is killed in its time', async () => {
  await expect(run(['sleep', '1000'], { timeoutMs: 50 })).rejects.toThrow(/sleep did not end within 0.05 s/)
})

test('what it started is killed with it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'glovebox-command-'))
  try {
    const pidFile = join(folder, 'pid')
    const controller = new AbortController()
    // The grandchild keeps the pipe open.
    const script = `sleep 1000 & echo $! > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; wait`
    const running = run(['sh', '-c', script], { signal: controller.signal })
    const pid = await vi.waitFor(async () => Number(await readFile(pidFile, 'utf8')), { timeout: 30_000 })
    controller.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 30_000 })
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('one that prints a key of several lines is taken as it is', async () => {
  expect((await run(['printf', String.raw`sk-1\n sk-2\n`])).reveal()).toBe('sk-1\n sk-2')
})

test('whoever asked may give up', async () => {
  const controller = new AbortController()
  const running = run(['sleep', '1000'], { signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(running).rejects.toThrow('enough')
})

/** A zombie has ended; whoever is its parent now has only not looked. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
