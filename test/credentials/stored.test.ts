// The encrypted store against an attacker who can read or write its files.
import { randomBytes } from 'node:crypto'
import { chmod, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { DATABASE_FILE } from '../../src/store/database-file.ts'
import { freshFolder } from '../store/sample-records.ts'
import { findSecret, formsOf } from './find-secret.ts'
import { ADA, KEY, openInstance } from './instance.ts'

const OTHER = 'sk-other-90b1ffab3c'
const newKey = (): string => randomBytes(32).toString('base64')

test('stores, reads, replaces and removes a credential; the events contain its name and not its value', async () => {
  await using folder = await freshFolder()
  await using instance = await openInstance(folder.path)
  const { stored } = instance.credentials
  const first = await stored.set(ADA, 'openai', OTHER)
  const second = await stored.set(ADA, 'openai', KEY)
  expect(second).toMatchObject({ name: 'openai', createdAt: first.createdAt, key: first.key })
  expect(await instance.read('openai')).toBe(KEY)
  expect(await stored.list()).toEqual([second])
  await stored.remove(ADA, 'openai')
  await expect(instance.read('openai')).rejects.toMatchObject({ code: 'not-found', source: 'stored' })
  await expect(stored.remove(ADA, 'openai')).rejects.toMatchObject({ code: 'not-found' })
  const events = await instance.events()
  expect(events.map(({ kind, actor, body }) => ({ kind, actor, body }))).toEqual([
    { kind: 'credential.set', actor: ADA, body: { credential: 'openai', key: first.key, replaced: false } },
    { kind: 'credential.set', actor: ADA, body: { credential: 'openai', key: first.key, replaced: true } },
    { kind: 'credential.removed', actor: ADA, body: { credential: 'openai' } },
  ])
  for (const secret of [KEY, OTHER]) expect(await findSecret(folder.path, secret)).toEqual([])
})

test('the search for the secret in files finds one that is there', async () => {
  await using folder = await freshFolder()
  for (const [form, text] of formsOf(KEY)) await writeFile(join(folder.path, form), `x${text}y`)
  await writeFile(join(folder.path, 'inside'), Buffer.from(`{"k":"${KEY}"}`).toString('base64'))
  const found = await findSecret(folder.path, KEY)
  for (const [form] of formsOf(KEY)) expect(found).toContain(`${join(folder.path, form)}: ${form}`)
  expect(found.some((line) => line.startsWith(`${join(folder.path, 'inside')}: base64+`))).toBe(true)
})

test('creates the master key with the first credential, readable only by its owner', async () => {
  await using folder = await freshFolder()
  await using instance = await openInstance(folder.path)
  expect(await readdir(folder.path)).not.toContain('master-key')
  await instance.credentials.stored.set(ADA, 'openai', KEY)
  const path = join(folder.path, 'master-key')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(Buffer.from(await readFile(path, 'utf8'), 'base64')).toHaveLength(32)
})

test('stores two credentials that are set at once, under the same key', async () => {
  await using folder = await freshFolder()
  await using instance = await openInstance(folder.path)
  const { stored } = instance.credentials
  const names = ['a', 'b', 'c', 'd', 'e']
  const [first] = await Promise.all([
    ...names.map((name) => stored.set(ADA, name, `${KEY}-${name}`)),
    stored.rotate(ADA),
    stored.set(ADA, 'late', KEY),
  ])
  expect(first).toMatchObject({ name: 'a' })
  for (const name of names) expect(await instance.read(name)).toBe(`${KEY}-${name}`)
  expect(new Set((await stored.list()).map(({ key }) => key)).size).toBe(1)
})

test('swapped, copied or altered rows of the database do not open, and the error names the cure', async () => {
  await using folder = await freshFolder()
  {
    await using instance = await openInstance(folder.path)
    for (const name of ['openai', 'anthropic', 'gemini', 'whole'])
      await instance.credentials.stored.set(ADA, name, `${KEY}-${name}`)
  }
  edit(folder.path, (database) => {
    database.exec("create temp table kept as select * from credentials where name in ('openai', 'anthropic')")
    for (const [to, from] of [
      ['openai', 'anthropic'],
      ['anthropic', 'openai'],
    ] as const)
      database
        .prepare(
          'update credentials set (sealed, nonce) = (select sealed, nonce from kept where name = ?) where name = ?',
        )
        .run(from, to)
    database.exec("update credentials set sealed = 'AAAA' || substr(sealed, 5) where name = 'gemini'")
  })
  await using instance = await openInstance(folder.path)
  for (const name of ['openai', 'anthropic', 'gemini']) {
    await expect(instance.read(name)).rejects.toMatchObject({
      code: 'altered',
      message: expect.not.stringContaining(KEY),
      cure: `put it in again: glovebox credential set ${name}`,
    })
  }
  expect(await instance.read('whole')).toBe(`${KEY}-whole`)
  // A rotation neither drops such a row nor seals it anew.
  await expect(instance.credentials.stored.rotate(ADA)).rejects.toMatchObject({ code: 'altered' })
  expect(await readdir(folder.path)).not.toContain('master-key.next')
  await instance.credentials.stored.set(ADA, 'openai', OTHER)
  expect(await instance.read('openai')).toBe(OTHER)
})

test('with another master key it opens and stores nothing, and the error names both keys and the cure', async () => {
  await using folder = await freshFolder()
  const path = join(folder.path, 'master-key')
  {
    await using instance = await openInstance(folder.path)
    await instance.credentials.stored.set(ADA, 'openai', KEY)
  }
  const right = await readFile(path, 'utf8')
  await writeFile(path, newKey())
  {
    await using instance = await openInstance(folder.path)
    const wrong = expect.objectContaining({
      code: 'wrong-master-key',
      message: expect.stringMatching(/master-key \([0-9a-f]{16}\) is not the one .* \([0-9a-f]{16}\)/),
      cure: expect.stringContaining('GLOVEBOX_PREVIOUS_MASTER_KEY'),
    })
    await expect(instance.read('openai')).rejects.toEqual(wrong)
    await expect(instance.credentials.stored.set(ADA, 'other', KEY)).rejects.toEqual(wrong)
    await expect(instance.credentials.stored.rotate(ADA)).rejects.toEqual(wrong)
  }
  await rm(path)
  {
    await using instance = await openInstance(folder.path)
    const none = expect.objectContaining({
      code: 'no-master-key',
      cure: expect.stringContaining('GLOVEBOX_MASTER_KEY'),
    })
    await expect(instance.read('openai')).rejects.toEqual(none)
    await expect(instance.credentials.stored.set(ADA, 'other', KEY)).rejects.toEqual(none)
    expect(await readdir(folder.path)).not.toContain('master-key')
    // The name is still listed, and the credential can be removed.
    expect((await instance.credentials.stored.list()).map(({ name }) => name)).toEqual(['openai'])
  }
  await using instance = await openInstance(folder.path, { masterKey: { current: right, previous: null } })
  expect(await instance.read('openai')).toBe(KEY)
})

test('refuses a key file that other users may read or that holds no key; a key in a variable needs no file', async () => {
  await using folder = await freshFolder()
  const path = join(folder.path, 'master-key')
  {
    await using instance = await openInstance(folder.path)
    await instance.credentials.stored.set(ADA, 'openai', KEY)
  }
  const right = await readFile(path, 'utf8')
  const refused = async (code: string, message: RegExp): Promise<void> => {
    await using instance = await openInstance(folder.path)
    await expect(instance.read('openai')).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    await using other = await openInstance(folder.path, { masterKey: { current: right, previous: null } })
    expect(await other.read('openai')).toBe(KEY)
  }
  await chmod(path, 0o640)
  await refused('unsafe-file', /open to other users/)
  await chmod(path, 0o600)
  await rename(path, `${path}.elsewhere`)
  await symlink(`${path}.elsewhere`, path)
  await refused('unsafe-file', /can't be read as a file/)
  await rm(path)
  await writeFile(path, 'password', { mode: 0o600 })
  await refused('bad-master-key', /master-key holds no key/)
})

test('a variable without a valid key stops the start and is named', async () => {
  await using folder = await freshFolder()
  for (const [masterKey, name] of [
    [{ current: 'hunter2', previous: null }, 'GLOVEBOX_MASTER_KEY'],
    [{ current: null, previous: '' }, 'GLOVEBOX_PREVIOUS_MASTER_KEY'],
  ] as const) {
    await expect(openInstance(folder.path, { masterKey })).rejects.toMatchObject({
      code: 'bad-master-key',
      message: expect.stringMatching(new RegExp(`^${name} holds no key`)),
    })
  }
})

function edit(folder: string, change: (database: DatabaseSync) => void): void {
  using database = new DatabaseSync(join(folder, DATABASE_FILE))
  change(database)
}
