import { chmodSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folderOfThisTest as folder } from '../../test/test-folder.ts'
import { readApiToken } from './secrets.ts'
import { actingPerson } from './who.ts'

describe('api token', () => {
  test('is created once with private access, and concurrent readers get the same token', async () => {
    const data = folder()
    const tokens = await Promise.all(Array.from({ length: 8 }, () => readApiToken(data)))
    expect(new Set(tokens).size).toBe(1)
    expect(Buffer.from(tokens[0] ?? '', 'base64url')).toHaveLength(32)
    expect(statSync(join(data, 'api-token')).mode & 0o777).toBe(0o600)
    expect(readdirSync(data)).toEqual(['api-token'])
    expect(await readApiToken(data)).toBe(tokens[0])
    expect(await readApiToken(folder())).not.toBe(tokens[0])
  })

  test('is refused if other users may read it', async () => {
    const data = folder()
    await readApiToken(data)
    chmodSync(join(data, 'api-token'), 0o644)
    await expect(readApiToken(data)).rejects.toThrow(/other users may read it/)
  })

  test.each([
    ['empty', ''],
    ['short', 'abc'],
    ['long', 'x'.repeat(5000)],
  ])('%s is no token', async (_, text) => {
    const data = folder()
    writeFileSync(join(data, 'api-token'), text, { mode: 0o600 })
    await expect(readApiToken(data)).rejects.toThrow(/no token|not a token file/)
  })

  test('is refused if it is a symbolic link', async () => {
    const data = folder()
    symlinkSync('/dev/zero', join(data, 'api-token'))
    await expect(readApiToken(data)).rejects.toThrow(/can't be read as a file/)
  })
})

describe('actingPerson', () => {
  test.each([
    [{ uid: 1000, name: 'ada' }, 'user:ada'],
    [{ uid: 1000, name: 'ada.l@example.org' }, 'user:ada.l@example.org'],
    [{ uid: 1000, name: 'CORP\\ada' }, 'user:uid-1000'],
    [{ uid: 1000, name: 'uid-7' }, 'user:uid-1000'],
    [{ uid: 1000, name: '' }, 'user:uid-1000'],
    [{ uid: 4242, name: null }, 'user:uid-4242'],
  ])('%j is %s', (account, id) => {
    expect(actingPerson(account)).toEqual({ id })
  })

  test('is the account of the process, whatever the environment says', () => {
    expect(actingPerson().id).toMatch(/^user:/)
    const saved = { ...process.env }
    try {
      const before = actingPerson()
      Object.assign(process.env, { SUDO_USER: 'eve', USER: 'eve', LOGNAME: 'eve' })
      expect(actingPerson()).toEqual(before)
    } finally {
      process.env = saved
    }
  })
})
