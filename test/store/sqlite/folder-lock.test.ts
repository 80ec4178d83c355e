import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderHolder, tryLockFolder } from '../../../src/store/sqlite/folder-lock.ts'
import { freshFolder } from '../sample-records.ts'

const CHILD = `
  import { tryLockFolder } from ${JSON.stringify(join(import.meta.dirname, '../../../src/store/sqlite/folder-lock.ts'))}
  const lock = await tryLockFolder(process.argv[1])
  console.log(lock ? 'locked' : 'refused')
  if (lock) setInterval(() => lock, 1000)
`

test('a folder has one holder at a time, within a process and between processes', { timeout: 20_000 }, async () => {
  await using folder = await freshFolder()
  const lock = await tryLockFolder(folder.path)
  expect(lock).not.toBeNull()
  expect(await tryLockFolder(folder.path)).toBeNull()
  expect(await tryLockFolder(folder.path)).toBeNull()
  expect((await folderHolder(folder.path))?.pid).toBe(process.pid)
  expect((await childLocking(folder.path)).answer).toBe('refused')
  await lock?.[Symbol.asyncDispose]()
  await lock?.[Symbol.asyncDispose]()
  expect(await folderHolder(folder.path)).toBeNull()
  await using again = await tryLockFolder(folder.path)
  expect(again).not.toBeNull()
})

test('a holder that is killed with -9 leaves no lock behind', { timeout: 20_000 }, async () => {
  await using folder = await freshFolder()
  const { child, answer } = await childLocking(folder.path)
  expect(answer).toBe('locked')
  expect(await tryLockFolder(folder.path)).toBeNull()
  expect(await folderHolder(folder.path)).toMatchObject({ pid: child.pid })
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await folderHolder(folder.path)).toMatchObject({ pid: child.pid })
  await using lock = await tryLockFolder(folder.path)
  expect(lock).not.toBeNull()
  expect((await folderHolder(folder.path))?.pid).toBe(process.pid)
})

test('only the owner can read the lock and the name of its holder', async () => {
  await using folder = await freshFolder()
  await using _lock = await tryLockFolder(folder.path)
  for (const name of ['writer.lock', 'writer.json'])
    expect((await stat(join(folder.path, name))).mode & 0o777).toBe(0o600)
})

async function childLocking(folder: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, answer: chunk.toString().trim() }
}
