import { expect, test } from 'vitest'
import { chooseDataFolder, shellWord } from './data-folder.ts'

test('the flag wins over the environment, which wins over the default', () => {
  expect(chooseDataFolder('d', '/env', '/project')).toEqual({ path: '/project/d', flag: ' --data d' })
  expect(chooseDataFolder(undefined, '/env', '/project')).toEqual({ path: '/env', flag: '' })
  expect(chooseDataFolder(undefined, null, '/project')).toEqual({ path: '/project/.glovebox', flag: '' })
})

test('the commands that are suggested can be pasted into a shell', () => {
  expect(chooseDataFolder("it's here; rm -rf $HOME", null, '/project').flag).toBe(
    String.raw` --data 'it'\''s here; rm -rf $HOME'`,
  )
  expect(shellWord('')).toBe("''")
  expect(shellWord('a-b_c/d.e:f@g%h+i=j,k')).toBe('a-b_c/d.e:f@g%h+i=j,k')
})
