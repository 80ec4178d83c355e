import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { lstatSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { testFolder } from '../../../test/test-folder.ts'
import { measureHeldFiles } from './held-files.ts'

const MIB = 1024 ** 2
const run = promisify(execFile)

/** A process that holds files which its Perl script made in its folder. It prints a line once it does. */
async function holder(cwd: string, script: string): Promise<ChildProcess & { pid: number }> {
  const child = spawn('perl', ['-e', `$| = 1; ${script}; print "held"; sleep 60`], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout!, 'data')
  return child as ChildProcess & { pid: number }
}

const MADE = 'open F, "+>", "made" or die; print F "x" x 4000000; F->flush'

test.each([
  ['an open descriptor', `use IO::Handle; ${MADE}; unlink "made"`],
  ['a duplicated descriptor', `use IO::Handle; ${MADE}; open G, ">&F"; close F; unlink "made"`],
])('counts a removed file held by %s', async (_, script) => {
  await using folder = await testFolder()
  const child = await holder(folder.path, script)
  try {
    const { dev } = lstatSync(folder.path, { bigint: true })
    const held = await measureHeldFiles([child.pid], dev)
    expect(held).toMatchObject({ unmeasured: 0, closed: 0, unbounded: null })
    expect(held.bytes).toBeGreaterThan(3.5 * MIB)
    expect(held.bytes).toBeLessThan(8 * MIB)
    expect(await measureHeldFiles([child.pid], dev + 1n)).toMatchObject({ bytes: 0 })
  } finally {
    child.kill('SIGKILL')
  }
})

test('counts a removed executable and a removed working folder of a process', async () => {
  await using folder = await testFolder()
  await run('cp', ['/bin/sleep', 'program'], { cwd: folder.path })
  await run('sh', ['-c', 'head -c 4000000 /dev/zero >> program; mkdir inside'], { cwd: folder.path })
  const child = spawn('../program', ['60'], { cwd: `${folder.path}/inside`, stdio: 'ignore' })
  await once(child, 'spawn')
  try {
    const { dev } = lstatSync(folder.path, { bigint: true })
    expect((await measureHeldFiles([child.pid!], dev)).bytes).toBe(0)
    await run('sh', ['-c', 'rm program; rmdir inside'], { cwd: folder.path })
    expect((await measureHeldFiles([child.pid!], dev)).bytes).toBeGreaterThan(3.5 * MIB)
  } finally {
    child.kill('SIGKILL')
  }
})

test('counts nothing for an ended process', async () => {
  const child = spawn('true', { stdio: 'ignore' })
  await once(child, 'exit')
  expect(await measureHeldFiles([child.pid!], 1n)).toEqual({ bytes: 0, unmeasured: 0, closed: 0, unbounded: null })
})
