// A data folder whose path is longer than the address of a unix socket can say.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { finished, makeRepository, openBench } from './glovebox.ts'
import type { Bench } from './glovebox.ts'
import { eventually } from '../sandbox/boxes.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench[Symbol.asyncDispose]())

test('runs work in it, side by side, and another process reaches them', async () => {
  const deep = join(bench.folder, ...Array.from({ length: 10 }, (_, index) => `a-long-folder-name-${index}`), 'data')
  expect(Buffer.byteLength(deep)).toBeGreaterThan(200)
  const repository = await makeRepository(bench.folder, 'project', { 'README.md': 'hello\n' })
  const run = (script: string) =>
    bench.start('--data', deep, 'run', '--repo', repository, '--mode', 'write', '--', 'sh', '-ec', script)
  const first = run('sleep 15; echo more >> README.md')
  let progress = ''
  first.stderr?.on('data', (text: Buffer) => (progress += text.toString()))
  const firstEnded = finished(first)
  await eventually(() => progress.includes('step 2 of'), 'the first step', 60_000)
  expect(await finished(run('git fetch origin && echo other > other'))).toMatchObject({ code: 0 })
  const { code, stderr } = await firstEnded
  expect({ code, stderr }).toMatchObject({ code: 0 })
  expect(stderr).toContain('Files changed: README.md')
}, 120_000)
