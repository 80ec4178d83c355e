// A person clones a repository and works in it. The repository brings a data folder, a mirror or a link with it.
import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, lstat, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { finished } from '../main-job/glovebox.ts'
import type { Finished } from '../main-job/glovebox.ts'
import { testFolder, type TestFolder } from '../test-folder.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/glovebox')

let own: TestFolder
let folder: string
/** What the attacker's programs would make on the host. */
let ran: string
beforeAll(async () => {
  own = await testFolder()
  folder = own.path
  ran = join(folder, 'RAN')
  const origin = join(folder, 'origin')
  await mkdir(origin, { mode: 0o700 })
  await git(origin, 'init', '--quiet', '--initial-branch=main')
  await writeFile(join(origin, 'README.md'), 'hello\n')
  // The attacker's own data folder, with a row that the API would refuse.
  await mkdir(join(origin, '.glovebox'), { mode: 0o700 })
  expect(await glovebox(origin, '--data', '.glovebox', 'connection', 'list')).toMatchObject({ code: 0 })
  const database = new DatabaseSync(join(origin, '.glovebox/glovebox.db'))
  const definition = {
    kind: 'model',
    name: 'claude',
    provider: 'anthropic',
    url: 'http://127.0.0.1:9/',
    models: ['claude-test'],
    credential: { from: 'command', argv: ['/bin/sh', '-c', `touch ${ran}; echo key`] },
  }
  database
    .prepare('insert into connections(name, definition, created_at, updated_at) values (?, ?, 1, 1)')
    .run('claude', JSON.stringify(definition))
  database.exec('pragma wal_checkpoint(truncate)')
  database.close()
  await git(origin, 'add', '--force', '--all', '.')
  await git(origin, 'commit', '--quiet', '-m', 'tooling')
  await git(folder, 'clone', '--quiet', 'origin', 'clone')
})
afterAll(() => own[Symbol.asyncDispose]())

async function git(cwd: string, ...argv: string[]): Promise<void> {
  const env = { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1' }
  const who = ['-c', 'user.name=Mallory', '-c', 'user.email=m@example.com']
  await promisify(execFile)('git', [...who, ...argv], { cwd, env })
}

function glovebox(cwd: string, ...argv: string[]): Promise<Finished> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: join(folder, 'home'), NO_COLOR: '1' }
  return finished(spawn(PROGRAM, argv, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] }))
}

test('a command in the clone works on the person’s own data folder, and names the one that it leaves alone', async () => {
  await mkdir(join(folder, 'home'), { mode: 0o700, recursive: true })
  const { code, stdout, stderr } = await glovebox(join(folder, 'clone'), 'connection', 'list')
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('There are no connections yet') })
  expect(stderr).toContain(`Not used: ${join(folder, 'clone/.glovebox')}`)
  expect(await readdir(join(folder, 'home/.local/state/glovebox'))).toContain('glovebox-folder')
  expect(existsSync(ran)).toBe(false)
})

test.each([['connection', 'test', 'claude'], ['serve'], ['data', 'adopt', '.glovebox']])(
  'who names it, or asks to adopt it, is refused: %s',
  async (...argv) => {
    const before = await readdir(join(folder, 'clone/.glovebox'))
    const { code, stderr } = await glovebox(join(folder, 'clone'), '--data', '.glovebox', ...argv)
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/git repository in .*clone tracks/) })
    expect(await readdir(join(folder, 'clone/.glovebox'))).toEqual(before)
    expect(existsSync(ran)).toBe(false)
  },
)

test('unpacked from an archive it is refused until its owner adopts it, and its row runs no program even then', async () => {
  const unpacked = join(folder, 'unpacked')
  await cp(join(folder, 'clone/.glovebox'), unpacked, { recursive: true })
  const argv = ['--data', unpacked, 'connection', 'test', 'claude']
  const refused = await glovebox(folder, ...argv)
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/did not make .*\n.*data adopt/) })
  expect(await glovebox(folder, 'data', 'adopt', unpacked)).toMatchObject({ code: 0 })
  const tested = await glovebox(folder, ...argv)
  expect(tested).toMatchObject({ code: 4, stderr: expect.stringMatching(/the connection claude .*`command`.*remove/) })
  expect(existsSync(ran)).toBe(false)
  expect(await glovebox(folder, '--data', unpacked, 'connection', 'remove', 'claude')).toMatchObject({ code: 0 })
  expect(await glovebox(folder, '--data', unpacked, 'connection', 'list')).toMatchObject({ code: 0 })
})

test('a link in the clone closes and fills no folder of the person', async () => {
  await mkdir(join(folder, 'shared'), { mode: 0o755 })
  await mkdir(join(folder, 'linked'))
  await symlink('../shared', join(folder, 'linked/.glovebox'))
  expect(await glovebox(join(folder, 'linked'), '--data', '.glovebox', 'runs')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('symbolic link'),
  })
  expect((await lstat(join(folder, 'shared'))).mode & 0o777).toBe(0o755)
  expect(await readdir(join(folder, 'shared'))).toEqual([])
})
