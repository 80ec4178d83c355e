// Rotation of the master key, also if it is interrupted.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { copyFile, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freshFolder } from '../store/sample-records.ts'
import { ADA, KEY, openInstance } from './instance.ts'

const newKey = (): string => randomBytes(32).toString('base64')
const keyFiles = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith('master-key')).toSorted()

test('seals all credentials under a new key; the old key is removed and opens nothing', async () => {
  await using folder = await freshFolder()
  const old = join(folder.path, 'kept-by-a-thief')
  await using instance = await openInstance(folder.path)
  const { stored } = instance.credentials
  const before = await stored.set(ADA, 'openai', KEY)
  await stored.set(ADA, 'other', `${KEY}-2`)
  await copyFile(join(folder.path, 'master-key'), old)
  const rotation = await stored.rotate(ADA)
  expect(rotation).toEqual({ from: [before.key], to: expect.not.stringMatching(before.key), credentials: 2 })
  expect(await instance.read('openai')).toBe(KEY)
  expect(await instance.read('other')).toBe(`${KEY}-2`)
  expect((await stored.list()).map(({ key, updatedAt }) => [key, updatedAt === before.updatedAt])[0]).toEqual([
    rotation.to,
    true,
  ])
  expect((await instance.events()).at(-1)).toMatchObject({ kind: 'credentials.rotated', actor: ADA, body: rotation })
  expect(await keyFiles(folder.path)).toEqual(['master-key'])
  await using theft = await freshFolder()
  await copyFile(old, join(theft.path, 'master-key'))
  for (const name of ['glovebox.db', 'glovebox.db-wal']) await copyFile(join(folder.path, name), join(theft.path, name))
  await using thief = await openInstance(theft.path)
  await expect(thief.read('openai')).rejects.toMatchObject({ code: 'wrong-master-key' })
})

test('the old key stays in force after an interruption before the commit', async () => {
  await using folder = await freshFolder()
  const next = join(folder.path, 'master-key.next')
  {
    await using instance = await openInstance(folder.path)
    await instance.credentials.stored.set(ADA, 'openai', KEY)
    await copyFile(join(folder.path, 'master-key'), `${next}.tmp`)
  }
  // A new key that has sealed nothing yet.
  await using elsewhere = await freshFolder()
  {
    await using instance = await openInstance(elsewhere.path)
    await instance.credentials.stored.set(ADA, 'x', KEY)
  }
  await copyFile(join(elsewhere.path, 'master-key'), next)
  await rename(`${next}.tmp`, join(folder.path, 'kept'))
  await using instance = await openInstance(folder.path)
  expect(await keyFiles(folder.path)).toEqual(['master-key'])
  expect(await instance.read('openai')).toBe(KEY)
  expect(await readFile(join(folder.path, 'master-key'))).toEqual(await readFile(join(folder.path, 'kept')))
})

test.each([['with credentials'], ['with none']])(
  'the new key is in force after an interruption after the commit: %s',
  async (what) => {
    await using folder = await freshFolder()
    const [current, next, old] = ['master-key', 'master-key.next', 'old'].map((name) => join(folder.path, name)) as [
      string,
      string,
      string,
    ]
    let to = ''
    {
      await using instance = await openInstance(folder.path)
      const { stored } = instance.credentials
      await stored.set(ADA, 'openai', KEY)
      if (what === 'with none') await stored.remove(ADA, 'openai')
      await copyFile(current, old)
      to = (await stored.rotate(ADA)).to
    }
    // Restore the state just before the last step.
    await rename(current, next)
    await rename(old, current)
    await using instance = await openInstance(folder.path)
    expect(await keyFiles(folder.path)).toEqual(['master-key'])
    if (what === 'with credentials') expect(await instance.read('openai')).toBe(KEY)
    expect((await instance.credentials.stored.set(ADA, 'later', KEY)).key).toBe(to)
  },
)

test('loses no credential if it is killed at any moment of repeated rotations', async () => {
  await using folder = await freshFolder()
  {
    await using instance = await openInstance(folder.path)
    for (let i = 0; i < 5; i++) await instance.credentials.stored.set(ADA, `key-${i}`, `${KEY}-${i}`)
  }
  for (let times = 0; times < 8; times++) {
    await rotateUntilKilled(folder.path, 1 + times)
    await using instance = await openInstance(folder.path)
    for (let i = 0; i < 5; i++) expect(await instance.read(`key-${i}`)).toBe(`${KEY}-${i}`)
    expect(new Set((await instance.credentials.stored.list()).map(({ key }) => key)).size).toBe(1)
    expect(await keyFiles(folder.path)).toEqual(['master-key'])
  }
})

test('rotates from a file to a variable, from one variable to the next, and back to a file', async () => {
  await using folder = await freshFolder()
  const [first, second] = [newKey(), newKey()]
  const file = join(folder.path, 'master-key')
  {
    await using instance = await openInstance(folder.path)
    await instance.credentials.stored.set(ADA, 'openai', KEY)
  }
  {
    await using instance = await openInstance(folder.path, { masterKey: { current: first, previous: null } })
    expect(await instance.read('openai')).toBe(KEY)
    expect(await instance.credentials.stored.rotate(ADA)).toMatchObject({ credentials: 1 })
    await expect(instance.credentials.stored.rotate(ADA)).rejects.toMatchObject({
      code: 'same-master-key',
      cure: expect.stringContaining('GLOVEBOX_PREVIOUS_MASTER_KEY'),
    })
  }
  await rename(file, `${file}.removed`)
  {
    await using instance = await openInstance(folder.path, { masterKey: { current: second, previous: first } })
    expect(await instance.read('openai')).toBe(KEY)
    await instance.credentials.stored.set(ADA, 'under-the-new', KEY)
    expect(await instance.credentials.stored.rotate(ADA)).toMatchObject({ credentials: 2 })
  }
  {
    await using instance = await openInstance(folder.path, { masterKey: { current: null, previous: second } })
    expect(await instance.credentials.stored.rotate(ADA)).toMatchObject({ credentials: 2 })
  }
  await using instance = await openInstance(folder.path)
  expect(await instance.read('openai')).toBe(KEY)
})

/** Runs rotations in a process and kills it after the given number of them, at an arbitrary point. */
async function rotateUntilKilled(folder: string, rotations: number): Promise<void> {
  const program = join(import.meta.dirname, 'rotate-until-killed.ts')
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  let seen = 0
  child.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString().split('\n').length - 1
    if (seen >= rotations) child.kill('SIGKILL')
  })
  const signal = await new Promise((resolve) => child.once('close', (_, killedBy) => resolve(killedBy)))
  expect(signal).toBe('SIGKILL')
}
