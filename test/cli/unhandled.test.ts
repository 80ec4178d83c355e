// An error that no code awaits: a fault of Glovebox, played by a module that the process loads first.
import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { makeDataFolder } from '../data-folder.ts'
import { finished, makeRepository, openBench } from '../main-job/glovebox.ts'

test('an unhandled error ends every run with the reason on its record, and no sandbox outlives it', async () => {
  await using bench = await openBench()
  const fault = join(bench.folder, 'fault.mjs')
  await writeFile(fault, `process.on('SIGUSR2', () => { Promise.reject(new Error('nobody awaits this')) })\n`)
  await makeDataFolder(bench.data, '')
  const repository = await makeRepository(bench.folder, 'project', { 'README.md': 'hello\n' })
  await using faulty = await openBench({ NODE_OPTIONS: `--import=${fault}`, GLOVEBOX_DATA: bench.data })
  const child = faulty.start('--data', bench.data, 'run', '--repo', repository, '--', 'sh', '-c', 'sleep 600')
  const ended = finished(child)
  await expect.poll(async () => (await bench.glovebox('runs', 'list')).stdout, { timeout: 60_000 }).toContain('running')
  child.kill('SIGUSR2')
  const { code, stderr } = await ended
  expect(stderr).toMatch(/All runs of this process end.*\n.*Error: nobody awaits this\n +at /)
  expect(code).toBe(4)
  const { stdout } = await bench.glovebox('runs', 'list', '--json')
  expect(JSON.parse(stdout)).toMatchObject([{ status: 'error', reason: 'nobody awaits this' }])
})
