import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testFolder } from '../../../test/test-folder.ts'
import { PROJECT_FOLDERS } from '../../config/project-folders.ts'
import { chooseDataFolder } from './data-folder.ts'
import { programName, shellWord, spellCommands } from './suggest-command.ts'

const PROGRAM = join(PROJECT_FOLDERS.root, 'bin/glovebox')

test('names the program by the path that started it, unless the PATH has this very program', async () => {
  await using folder = await testFolder()
  const [linked, foreign, plain] = ['linked', 'foreign', 'plain'].map((name) => join(folder.path, name))
  for (const one of [linked, foreign, plain]) await mkdir(one!)
  await symlink(PROGRAM, join(linked!, 'glovebox'))
  await writeFile(join(foreign!, 'glovebox'), '#!/bin/sh\n')
  await chmod(join(foreign!, 'glovebox'), 0o755)
  await writeFile(join(plain!, 'glovebox'), 'not executable')
  const named = (PATH: string, calledAs = 'bin/glovebox') => programName({ PATH, GLOVEBOX_CALLED_AS: calledAs })
  expect(named(`/nowhere:${linked}`)).toBe('glovebox')
  expect(named(`${plain}:${linked}`)).toBe('glovebox')
  expect(named(`${foreign}:${linked}`)).toBe('bin/glovebox')
  expect(named('linked')).toBe('bin/glovebox')
  expect(named('/nowhere', '/opt/it is here/glovebox')).toBe("'/opt/it is here/glovebox'")
  expect(programName({ PATH: '/nowhere' })).toBe('glovebox')
})

test('spells the commands of a message', () => {
  const env = { PATH: '/nowhere', GLOVEBOX_CALLED_AS: 'bin/$&/glovebox' }
  expect(spellCommands('see `glovebox task list` or `glovebox serve`; glovebox.yaml', env)).toBe(
    "see `'bin/$&/glovebox' task list` or `'bin/$&/glovebox' serve`; glovebox.yaml",
  )
})

test('suggested commands can be pasted into a shell', () => {
  expect(chooseDataFolder("it's here; rm -rf $HOME", {}, '/project').command('runs')).toBe(
    String.raw`glovebox runs --data 'it'\''s here; rm -rf $HOME'`,
  )
  expect(chooseDataFolder(undefined, { GLOVEBOX_DATA: 'd' }, '/project').command('runs')).toBe('glovebox runs')
  expect(shellWord('')).toBe("''")
  expect(shellWord('a-b_c/d.e:f@g%h+i=j,k')).toBe('a-b_c/d.e:f@g%h+i=j,k')
})
