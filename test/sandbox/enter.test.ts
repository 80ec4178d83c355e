// The program that enters namespaces, alone: its refusals, and that it never sets limits of the machine instead of a
// sandbox.
import { execFile } from 'node:child_process'
import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ENTER } from '../../src/sandbox/on-host/enter-program.ts'
import { IS_ROOT } from '../machine.ts'
import { testFolder } from '../test-folder.ts'
import { as } from './hold.ts'

interface Ran {
  code: number
  stdout: string
  stderr: string
}

function run(argv: readonly string[]): Promise<Ran> {
  const [command = '', ...args] = argv
  return new Promise((resolve) => {
    execFile(command, args, (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }))
  })
}

test.each([
  [[]],
  [['1']],
  [['own', '--']],
  [['own', '--terminals', '5']],
  [['-1', '--terminals', '5']],
  [['../1', '--terminals', '5']],
  [['1x', '--', '/bin/true']],
  [['self', '--terminals', '5']],
  [['12345678901', '--terminals', '5']],
])('refuses %j', async (argv) => {
  const { code, stdout, stderr } = await run([ENTER, ...argv])
  expect({ code, stdout }).toEqual({ code: 125, stdout: '' })
  expect(stderr).toMatch(/glovebox-enter/)
})

test('refuses an ended process, which has no namespaces', async () => {
  const { code, stderr } = await run([ENTER, '4194304', '--terminals', '5'])
  expect(code).toBe(125)
  expect(stderr).toContain('/proc/4194304/')
})

test('sets user settings only in a sandbox, never on the machine', async () => {
  const path = '/proc/sys/user/max_inotify_instances'
  const before = await readFile(path, 'utf8')
  const { code, stderr } = await run([ENTER, String(process.pid), '--user-setting', 'max_inotify_instances', '1'])
  expect(code).toBe(125)
  expect(stderr).toMatch(/of the whole machine/)
  expect(await readFile(path, 'utf8')).toBe(before)
})

test.runIf(IS_ROOT)(
  'an account counts what it closed to itself, and gains nothing over what is not its own',
  async () => {
    await using folder = await testFolder({ mode: 0o711 })
    const person = 825_031
    const [closed, foreign] = [join(folder.path, 'closed'), join(folder.path, 'foreign')]
    for (const path of [closed, foreign]) {
      await mkdir(path)
      await writeFile(join(path, 'inside'), 'x')
    }
    await chown(closed, person, person)
    await chmod(closed, 0o300)
    await chmod(foreign, 0o700)
    const list = (path: string) => run([...as(person), ENTER, 'own', '--', '/bin/ls', path])
    expect(await list(closed)).toMatchObject({ code: 0, stdout: 'inside\n' })
    expect(await list(foreign)).toMatchObject({ stdout: '' })
    expect((await run([...as(person), '/bin/ls', closed])).code).not.toBe(0)
  },
)
