import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { endAllGroups } from './process-groups.ts'
import { shell } from './shell.ts'
import { testFolder } from './try-tool.ts'

test('returns both streams and the exit code, from the working directory', async () => {
  using folder = testFolder()
  const outcome = await folder.try(shell, { command: 'pwd; echo err >&2; exit 7' })
  expect(outcome.ok).toBe(false)
  expect(outcome.text).toMatch(/^Exit code 7\.\n/)
  expect(outcome.text.split('\n').toSorted()).toEqual(['', 'Exit code 7.', 'err', folder.path].toSorted())
})

test('gives an empty standard input and names the signal that ended the command', async () => {
  using folder = testFolder()
  expect((await folder.try(shell, { command: 'cat; kill -KILL $$' })).text).toBe('Ended by SIGKILL.')
})

test('ends a command over its time limit, with its children', async () => {
  using folder = testFolder()
  const outcome = await folder.try(shell, { command: 'sleep 1000 & echo $! >child; wait', timeout_seconds: 5 })
  expect(outcome).toMatchObject({ ok: false, text: 'Ended after 5 seconds, its time limit.' })
  const child = Number(readFileSync(join(folder.path, 'child'), 'utf8'))
  while (isAlive(child)) await sleep(10)
})

test('a background process does not block the call, is reported, and can be ended later', async () => {
  using folder = testFolder()
  const outcome = await folder.try(shell, { command: 'sleep 1000 & echo $! >child' })
  expect(outcome).toMatchObject({ ok: true, text: expect.stringContaining('still runs in the background') })
  const child = Number(readFileSync(join(folder.path, 'child'), 'utf8'))
  expect(isAlive(child)).toBe(true)
  await endAllGroups()
  while (isAlive(child)) await sleep(10)
})

test('a command that is cancelled before it starts leaves nothing running', async () => {
  using folder = testFolder()
  const outcome = await folder.try(shell, { command: 'sleep 1000; touch done' }, AbortSignal.abort())
  expect(outcome.text).toBe('Cancelled.')
  expect(existsSync(join(folder.path, 'done'))).toBe(false)
})

test('reports a missing working directory', async () => {
  const folder = testFolder()
  folder[Symbol.dispose]()
  expect((await folder.try(shell, { command: 'true' })).text).toMatch(/^The command could not be started: .*ENOENT/)
})

/** Zombies count as dead: the init process may reap them late. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
