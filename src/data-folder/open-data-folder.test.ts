// Folders that an attacker would have Glovebox take as its data folder, and what their owner can do with real ones.
import { execFile } from 'node:child_process'
import { chmod, chown, cp, lstat, mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testFolder, type TestFolder } from '../../test/test-folder.ts'
import { adoptDataFolder, examineDataFolder, openDataFolder } from './open-data-folder.ts'
import { MARKER, writeMark } from './marker.ts'

const OPTIONS = { searchPath: process.env['PATH'] ?? '' }
const ROOT = process.geteuid?.() === 0

let own: TestFolder
let folder: string
beforeEach(async () => {
  own = await testFolder()
  folder = own.path
})
afterEach(() => own[Symbol.asyncDispose]())

const at = (...names: string[]): string => join(folder, ...names)
const open = (path: string) => openDataFolder(path, OPTIONS)
const examine = (path: string) => examineDataFolder(path, OPTIONS)
const adopt = (path: string) => adoptDataFolder(path, OPTIONS)

async function git(cwd: string, ...argv: string[]): Promise<void> {
  const env = { PATH: OPTIONS.searchPath, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' }
  const who = ['-c', 'user.name=Mallory', '-c', 'user.email=m@example.com']
  await promisify(execFile)('git', [...who, ...argv], { cwd, env })
}

/** A data folder that Glovebox made, with a file in it. */
async function made(path: string): Promise<string> {
  await open(path)
  await writeFile(join(path, 'glovebox.db'), 'x', { mode: 0o600 })
  return path
}

async function modeOf(path: string): Promise<number> {
  return (await lstat(path)).mode & 0o777
}

test('a new folder is made for its owner alone, with the folders above it, and is known again', async () => {
  const path = at('state', 'glovebox')
  expect(await examine(path)).toBe('absent')
  await made(path)
  expect([await modeOf(at('state')), await modeOf(path)]).toEqual([0o700, 0o700])
  expect(await examine(path)).toBe('ours')
  await rename(path, at('moved'))
  expect(await examine(at('moved'))).toBe('ours')
})

test('an empty folder is taken and closed', async () => {
  await mkdir(at('data'), { mode: 0o755 })
  expect(await examine(at('data'))).toBe('empty')
  await open(at('data'))
  expect(await modeOf(at('data'))).toBe(0o700)
})

test('of many processes that make a folder at once, each gets it', async () => {
  await Promise.all(Array.from({ length: 16 }, () => open(at('data'))))
  expect(await examine(at('data'))).toBe('ours')
})

describe('a clone', () => {
  test('that brings a data folder is refused, and nothing in it is changed', async () => {
    await mkdir(at('clone/.glovebox'), { recursive: true, mode: 0o700 })
    await writeFile(at('clone/.glovebox/glovebox.db'), 'x', { mode: 0o600 })
    const before = await lstat(at('clone/.glovebox'))
    await expect(open(at('clone/.glovebox'))).rejects.toMatchObject({ code: 'not-made-here', cure: /data adopt/ })
    expect(await readdir(at('clone/.glovebox'))).toEqual(['glovebox.db'])
    expect((await lstat(at('clone/.glovebox'))).mtimeMs).toBe(before.mtimeMs)
  })

  test('that brings the mark of another folder with it is refused', async () => {
    await made(at('data'))
    await git(folder, 'init', '--quiet', 'origin')
    await cp(at('data'), at('origin/.glovebox'), { recursive: true, preserveTimestamps: true })
    await git(at('origin'), 'add', '--force', '.glovebox')
    await git(at('origin'), 'commit', '--quiet', '-m', 'tooling')
    await git(folder, 'clone', '--quiet', 'origin', 'clone')
    await expect(open(at('clone/.glovebox'))).rejects.toMatchObject({ code: 'tracked' })
    await expect(adopt(at('clone/.glovebox'))).rejects.toMatchObject({ code: 'tracked' })
    // As an archive of the clone would unpack, without its index.
    await cp(at('clone/.glovebox'), at('unpacked'), { recursive: true })
    await chmod(at('unpacked'), 0o700)
    for (const mode of [0o600, 0o400]) {
      await chmod(join(at('unpacked'), MARKER), mode)
      await expect(open(at('unpacked'))).rejects.toMatchObject({ code: 'not-made-here' })
    }
  })

  test('can bring no file into the data folder that a person keeps in a work tree', async () => {
    await git(folder, 'init', '--quiet', 'project')
    const data = await made(at('project/.glovebox'))
    expect(await examine(data)).toBe('ours')
    await mkdir(join(data, 'mirrors'))
    await writeFile(join(data, 'mirrors/config'), '[core]')
    await git(at('project'), 'add', '--force', '.glovebox/mirrors/config')
    await expect(open(data)).rejects.toMatchObject({ code: 'tracked', message: expect.stringContaining('project') })
    // Whatever work tree lies between.
    await git(data, 'init', '--quiet', '.')
    await expect(open(data)).rejects.toMatchObject({ code: 'tracked' })
  })

  test('of which the data folder itself is the work tree is refused', async () => {
    const data = await made(at('data'))
    await git(data, 'init', '--quiet', '.')
    await git(data, 'add', 'glovebox.db')
    await expect(open(data)).rejects.toMatchObject({ code: 'tracked' })
  })

  test('runs no program of its configuration while its index is read', async () => {
    await git(folder, 'init', '--quiet', 'project')
    const marker = at('RAN')
    for (const key of ['core.fsmonitor', 'core.hooksPath', 'core.sshCommand', 'core.pager'])
      await git(at('project'), 'config', key, `touch ${marker}; false`)
    await made(at('project/.glovebox'))
    expect(await examine(at('project/.glovebox'))).toBe('ours')
    await expect(lstat(marker)).rejects.toThrow('ENOENT')
  })

  test.each(['.glovebox', '.glovebox/deeper'])('that brings a symbolic link is refused: %s', async (name) => {
    await mkdir(at('shared'), { mode: 0o755 })
    await writeFile(at('shared/index.html'), 'web')
    await mkdir(at('clone'))
    await symlink('../shared', at('clone/.glovebox'))
    for (const work of [open, adopt])
      await expect(work(at('clone', name))).rejects.toMatchObject({ code: 'symbolic-link', cure: /real path/ })
    expect(await modeOf(at('shared'))).toBe(0o755)
    expect(await readdir(at('shared'))).toEqual(['index.html'])
  })

  test('that brings a link to nowhere has nothing made there', async () => {
    await mkdir(at('clone'))
    await symlink('../elsewhere', at('clone/.glovebox'))
    await expect(open(at('clone/.glovebox'))).rejects.toMatchObject({ code: 'symbolic-link' })
    await expect(lstat(at('elsewhere'))).rejects.toThrow('ENOENT')
  })
})

describe('a folder of others', () => {
  test.each([0o777, 0o770, 0o755])('can have been filled by them: mode %o', async (mode) => {
    await made(at('data'))
    await chmod(at('data'), mode)
    await expect(open(at('data'))).rejects.toMatchObject({ code: 'open-to-others', cure: /chmod 700/ })
    expect(await modeOf(at('data'))).toBe(mode)
  })

  test('is not closed to them because someone named it', async () => {
    await mkdir(at('data'))
    await chmod(at('data'), 0o1777)
    await expect(open(at('data'))).rejects.toMatchObject({ code: 'open-to-others' })
    expect((await lstat(at('data'))).mode & 0o7777).toBe(0o1777)
  })

  test('above the data folder would let them swap it', async () => {
    await made(at('open/data'))
    await chmod(at('open'), 0o777)
    await expect(open(at('open/data'))).rejects.toMatchObject({ code: 'open-to-others' })
    await chmod(at('open'), 0o1777)
    expect(await examine(at('open/data'))).toBe('ours')
  })

  test.runIf(ROOT)('is refused by its owner, above the data folder, too', async () => {
    await made(at('theirs/data'))
    await chown(at('theirs'), 12_345, 12_345)
    await expect(open(at('theirs/data'))).rejects.toMatchObject({ code: 'other-owner' })
    await chown(at('theirs'), 0, 0)
    await chown(at('theirs/data'), 12_345, 12_345)
    await expect(open(at('theirs/data'))).rejects.toMatchObject({ code: 'other-owner' })
  })
})

describe('the owner', () => {
  test('restores a copy, is told why it is refused, and adopts it', async () => {
    await made(at('data'))
    await promisify(execFile)('cp', ['-a', at('data'), at('restored')])
    await expect(open(at('restored'))).rejects.toMatchObject({
      code: 'not-made-here',
      message: expect.stringContaining('the mark of another folder'),
      cure: expect.stringContaining(`glovebox data adopt ${at('restored')}`),
    })
    await adopt(at('restored'))
    expect(await examine(at('restored'))).toBe('ours')
    expect(await examine(at('data'))).toBe('ours')
  })

  test('adopts a folder of before there were marks, and one that was configured before its first use', async () => {
    for (const name of ['glovebox.db', 'glovebox.yaml']) {
      await mkdir(at(name), { mode: 0o755 })
      await writeFile(join(at(name), name), '')
      await adopt(at(name))
      expect(await examine(at(name))).toBe('ours')
      expect(await modeOf(at(name))).toBe(0o700)
    }
  })

  test('adopts no folder that is something else, and none with links in it', async () => {
    await mkdir(at('code'))
    await writeFile(at('code/main.c'), '')
    await expect(adopt(at('code'))).rejects.toMatchObject({ code: 'nothing-to-adopt' })
    await expect(adopt(at('nowhere'))).rejects.toMatchObject({ code: 'nothing-to-adopt' })
    await writeFile(at('code/glovebox.db'), '')
    await symlink('/etc', at('code/mirrors'))
    await expect(adopt(at('code'))).rejects.toMatchObject({ code: 'symbolic-link' })
    expect(await modeOf(at('code'))).toBe(0o755)
  })

  test('is told of a folder that a newer version made', async () => {
    await made(at('data'))
    const text = (await readFile(at('data', MARKER), 'utf8')).replace('format 1', 'format 2')
    await chmod(at('data', MARKER), 0o600)
    await writeFile(at('data', MARKER), text)
    await chmod(at('data', MARKER), 0o400)
    await expect(open(at('data'))).rejects.toMatchObject({ code: 'newer-format' })
  })
})

test('a mark is not replaced by a second one', async () => {
  await made(at('data'))
  const before = await lstat(at('data', MARKER))
  await writeMark(at('data'), { replace: false })
  expect((await lstat(at('data', MARKER))).ino).toBe(before.ino)
  expect((await readdir(at('data'))).toSorted()).toEqual(['glovebox-folder', 'glovebox-folder.born', 'glovebox.db'])
})
