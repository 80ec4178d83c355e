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

test('the secret is the output of the command without the last line break', async () => {
  expect((await run(['printf', String.raw`sk-1 2\n`])).reveal()).toBe('sk-1 2')
})

test('the command gets its arguments unchanged, without a shell', async () => {
  expect((await run(['echo', '$HOME; id `id` > /tmp/x'])).reveal()).toBe('$HOME; id `id` > /tmp/x')
})

test('the command gets only PATH and HOME of the environment, and no input', async () => {
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
  ['a missing program', ['no-such-program-x'], /no-such-program-x can't be run: ENOENT/],
  ['one that fails', ['sh', '-c', 'echo sk-live; echo sk-live >&2; exit 3'], /sh failed: exit 3/],
  ['one that is killed', ['sh', '-c', 'kill -9 $$'], /sh failed: signal SIGKILL/],
  ['one that prints nothing', ['true'], /the output of true is empty/],
  ['one that prints binary', ['printf', String.raw`\200\001`], /other than visible ASCII/],
  ['one that prints for ever', ['yes', 'sk-live'], /yes printed more than 16384 bytes/],
])('%s is reported with the reason, and the error does not quote its output', async (_, argv, expected) => {
  const error: unknown = await run(argv).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ source: 'command', message: expect.stringMatching(expected) })
  expect((error as Error).message).not.toContain('sk-live')
})

test('a command that does not end is killed after its timeout', async () => {
  await expect(run(['sleep', '1000'], { timeoutMs: 50 })).rejects.toThrow(/sleep did not end within 0.05 s/)
})

test('the children of the command are killed with it', async () => {
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

test('accepts a key of several lines', async () => {
  expect((await run(['printf', String.raw`sk-1\n sk-2\n`])).reveal()).toBe('sk-1\n sk-2')
})

test('the caller may abort', async () => {
  const controller = new AbortController()
  const running = run(['sleep', '1000'], { signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(running).rejects.toThrow('enough')
})

/** A zombie has ended; its new parent has only not reaped it yet. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
