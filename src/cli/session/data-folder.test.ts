import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testFolder } from '../../../test/test-folder.ts'
import { chooseDataFolder, earlierFolderNote } from './data-folder.ts'

const HOME = { HOME: '/home/ada' }

test('the flag wins over GLOVEBOX_DATA, which wins over the state folder, which wins over the home folder', () => {
  const env = { ...HOME, GLOVEBOX_DATA: '/env', XDG_STATE_HOME: '/state' }
  expect(chooseDataFolder('d', env, '/project')).toMatchObject({ path: '/project/d', byDefault: false })
  expect(chooseDataFolder(undefined, env, '/project')).toMatchObject({ path: '/env', byDefault: false })
  const { GLOVEBOX_DATA: _, ...rest } = env
  expect(chooseDataFolder(undefined, rest, '/project')).toMatchObject({ path: '/state/glovebox', byDefault: true })
  expect(chooseDataFolder(undefined, HOME, '/project').path).toBe('/home/ada/.local/state/glovebox')
})

test('never chooses the current folder: a relative path in the environment is ignored or an error', () => {
  expect(chooseDataFolder(undefined, { ...HOME, XDG_STATE_HOME: 'state' }, '/project').path).toBe(
    '/home/ada/.local/state/glovebox',
  )
  for (const env of [{}, { HOME: '' }, { HOME: '.' }])
    expect(() => chooseDataFolder(undefined, env, '/project')).toThrow(/HOME .* --data or GLOVEBOX_DATA/)
})

test('names the default folder of earlier versions and how to keep using it, if it holds a database', async () => {
  await using cwd = await testFolder()
  const choice = chooseDataFolder(undefined, HOME, cwd.path)
  expect(earlierFolderNote(choice, cwd.path)).toEqual([])
  await mkdir(join(cwd.path, '.glovebox'))
  expect(earlierFolderNote(choice, cwd.path)).toEqual([])
  await writeFile(join(cwd.path, '.glovebox/glovebox.db'), '')
  expect(earlierFolderNote(choice, cwd.path).join('\n')).toMatch(/Not used: .*\.glovebox,.*\n.*data adopt \.glovebox/)
  expect(earlierFolderNote(chooseDataFolder('.glovebox', HOME, cwd.path), cwd.path)).toEqual([])
})
