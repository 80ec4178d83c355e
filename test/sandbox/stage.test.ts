// The program in front of bwrap, alone: the limits that it sets, and that it starts nothing if it can't set them.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const STAGE = join(import.meta.dirname, '../../build/guest/glovebox-stage')

function stage(...argv: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(STAGE, argv, (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }))
  })
}

test('a command gets no core files and a file size limit, whatever was allowed before', async () => {
  const { stdout } = await stage('--file-size', '4096', '--', '/bin/cat', '/proc/self/limits')
  expect(stdout).toMatch(/^Max core file size +0 +0 /m)
  expect(stdout).toMatch(/^Max file size +4096 +4096 /m)
  const files = /^Max open files +(\d+) +(\d+) /m.exec(stdout)
  expect(Number(files?.[2])).toBeLessThanOrEqual(65_536)
  expect(Number(files?.[1])).toBeLessThanOrEqual(Number(files?.[2]))
})

test('without its own user id, a command gets a quarter of the kernel’s per-user resources', async () => {
  const { stdout: own } = await promisify(execFile)('/bin/cat', ['/proc/self/limits'])
  const { stdout } = await stage('--file-size', '4096', '--', '/bin/cat', '/proc/self/limits')
  for (const name of ['Max pending signals', 'Max msgqueue size']) {
    const most = (text: string) => Number(new RegExp(`^${name} +\\d+ +(\\d+) `, 'm').exec(text)?.[1])
    expect(most(stdout), name).toBe(Math.floor(most(own) / 4))
  }
})

test('never raises a limit', async () => {
  const { stdout } = await stage(
    '--file-size',
    '4096',
    '--',
    STAGE,
    '--file-size',
    '8192',
    '--',
    '/bin/cat',
    '/proc/self/limits',
  )
  expect(stdout).toMatch(/^Max file size +4096 +4096 /m)
})

test('a command joins each cgroup before it starts, and does not start if it cannot', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stage-'))
  try {
    await writeFile(join(folder, 'cgroup.procs'), '')
    expect(await stage('--cgroup', folder, '--', '/bin/cat', join(folder, 'cgroup.procs'))).toMatchObject({
      code: 0,
      stdout: '0',
    })
    const missing = join(folder, 'missing')
    const refused = await stage('--cgroup', folder, '--cgroup', missing, '--', '/bin/touch', join(folder, 'began'))
    expect(refused).toMatchObject({ code: 125, stdout: '' })
    expect(refused.stderr).toContain(`${missing}/cgroup.procs`)
    await expect(readFile(join(folder, 'began'))).rejects.toMatchObject({ code: 'ENOENT' })
  } finally {
    await rm(folder, { recursive: true })
  }
})

test.each([
  [[]],
  [['--']],
  [['--file-size']],
  [['--file-size', '1']],
  [['--file-size', '-1', '--', '/bin/true']],
  [['--file-size', '1k', '--', '/bin/true']],
  [['--bind', '/usr', '/mnt/0', '--', '/bin/true']],
  [['--uid', '0', '/mnt', '--', '/bin/true']],
  [['--uid', '4294967295', '/mnt', '--', '/bin/true']],
  [['--other', '--', '/bin/true']],
  [['/bin/true']],
])('%j starts nothing', async (argv) => {
  const { code, stderr } = await stage(...argv)
  expect(code).toBe(125)
  expect(stderr).toMatch(/glovebox-stage/)
})
