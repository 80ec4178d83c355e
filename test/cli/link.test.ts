// `npm run link`: the program on the PATH, and the commands that it then suggests.
import { spawnSync } from 'node:child_process'
import { lstatSync, mkdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderOfThisTest } from '../test-folder.ts'

const PROJECT = join(import.meta.dirname, '../..')
const PROGRAM = join(PROJECT, 'bin/glovebox')
const SYSTEM = '/usr/local/bin:/usr/bin:/bin'

/** A home folder whose npm installs global programs into `<home>/global/bin`. */
function openHome() {
  const home = folderOfThisTest()
  const own = join(home, '.local/bin')
  const run = (command: string, argv: readonly string[], path: string, cwd = PROJECT) => {
    const env = { HOME: home, PATH: path, npm_config_prefix: join(home, 'global'), TMPDIR: home }
    const { status, stdout, stderr } = spawnSync(command, argv, { cwd, env, encoding: 'utf8' })
    return { status, stdout, stderr }
  }
  return {
    home,
    own,
    run,
    link: (path: string) => run(join(PROJECT, 'scripts/link'), [], path),
    unlink: (path: string) => run(join(PROJECT, 'scripts/link'), ['remove'], path),
  }
}

test('links into ~/.local/bin, may be repeated, and is undone', () => {
  const { home, own, run, link, unlink } = openHome()
  const path = `${own}:${SYSTEM}`
  for (const _ of ['first', 'again'])
    expect(link(path)).toEqual({
      status: 0,
      stdout: `${own}/glovebox leads to ${PROGRAM}.\nType: glovebox doctor\n`,
      stderr: '',
    })
  expect(readlinkSync(join(own, 'glovebox'))).toBe(PROGRAM)
  expect(run('glovebox', ['runs'], path, home)).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('`glovebox task list`'),
  })
  expect(unlink(path)).toMatchObject({ status: 0, stdout: `Removed ${own}/glovebox.\n` })
  expect(lstatSync(join(own, 'glovebox'), { throwIfNoEntry: false })).toBe(undefined)
  expect(unlink(path)).toMatchObject({ status: 0, stdout: `There is no link to ${PROGRAM}.\n` })
})

test('takes npm’s global folder if only that one is in the PATH', () => {
  const { home, link, unlink } = openHome()
  const path = `${home}/global/bin:${SYSTEM}`
  expect(link(path).stdout).toContain(`${home}/global/bin/glovebox leads to`)
  expect(unlink(path).stdout).toBe(`Removed ${home}/global/bin/glovebox.\n`)
})

test('says what to add to the PATH, and which other program comes first', () => {
  const { home, own, link } = openHome()
  expect(link(SYSTEM)).toMatchObject({ status: 0, stdout: expect.stringContaining(`  export PATH="${own}:$PATH"\n`) })
  const other = join(home, 'other')
  mkdirSync(other)
  symlinkSync('/bin/true', join(other, 'glovebox'))
  expect(link(`${other}:${own}:${SYSTEM}`).stdout).toContain(`But ${other}/glovebox comes first in your PATH.\n`)
})

test('neither replaces nor removes the program of somebody else', () => {
  const { own, link, unlink } = openHome()
  mkdirSync(own, { recursive: true })
  writeFileSync(join(own, 'glovebox'), 'mine')
  const path = `${own}:${SYSTEM}`
  expect(link(path)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('Remove it, or use') })
  expect(unlink(path).stdout).toContain('There is no link')
  expect(lstatSync(join(own, 'glovebox')).isFile()).toBe(true)
})

test('without a link, suggested commands are spelled as this one was', () => {
  const { run, home } = openHome()
  expect(run('bin/glovebox', ['runs'], SYSTEM).stdout).toContain('`bin/glovebox task list`')
  expect(run(PROGRAM, ['runs'], SYSTEM, home).stdout).toContain(`\`${PROGRAM} task list\``)
  const refused = run('bin/glovebox', ['runs', 'show', 'latest'], SYSTEM)
  expect(refused).toMatchObject({ status: 2, stdout: '' })
})
