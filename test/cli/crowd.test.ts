// Many command lines at once on one data folder, as scripts and people at several terminals start them.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { finished } from '../main-job/glovebox.ts'
import { testFolder } from '../test-folder.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/glovebox')

test('of twenty commands at once on a new folder, each is answered', async () => {
  await using folder = await testFolder()
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder.path, NO_COLOR: '1' }
  const commands = Array.from({ length: 20 }, () =>
    finished(spawn(PROGRAM, ['runs', 'list', '--json'], { cwd: folder.path, env, stdio: ['ignore', 'pipe', 'pipe'] })),
  )
  for (const { code, stdout, stderr } of await Promise.all(commands))
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '[]\n', stderr: '' })
}, 280_000)
