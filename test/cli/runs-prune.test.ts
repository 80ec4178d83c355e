// `glovebox runs prune`: it shows what it would remove before it removes it.
import { readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { RUN } from './samples.ts'
import { sampleTerminals } from './sample-terminals.ts'
import type { TerminalOptions } from './terminal.ts'

const terminals = sampleTerminals()
const PRUNE = ['runs', 'prune', '--older-than', '30d']

/** A terminal with one old run whose output has 5 bytes. */
async function withOldRun(options: Partial<TerminalOptions> = {}) {
  const terminal = await terminals.open(options)
  const { instance } = terminal
  const ended = Date.UTC(2025, 0, 2, 3, 4, 5)
  await instance.addRun({ id: RUN, status: 'succeeded', createdAt: ended - 1, finishedAt: ended })
  await instance.addOutput(RUN, 0, { stdout: new TextEncoder().encode('hello') })
  const folder = join(instance.folder, 'blobs', 'sha256')
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) await utimes(join(entry.parentPath, entry.name), ended / 1000 - 1, ended / 1000 - 1)
  const removed = async () => (await terminal.type('output', RUN, '0')).stderr.includes('removed by retention on')
  return { ...terminal, removed }
}

test('without a terminal it lists the runs and their bytes, removes nothing, and names --yes', async () => {
  const { type, removed } = await withOldRun()
  const { code, stdout, stderr } = await type(...PRUNE)
  expect(code).toBe(2)
  expect(stdout).toContain('Would remove the contents of 1 run: 1 blob, 5 B.')
  expect(stdout).toMatch(new RegExp(`${RUN} +2025-01-02 03:04:05 UTC +1 blob +5 B`))
  expect(stderr).toContain('Nothing was removed; add --yes to remove it')
  expect(await removed()).toBe(false)
})

test.each([
  ['y', true],
  ['n', false],
  ['\r', false],
  ['\u0003', false, 130],
])('on a terminal the key %j answers the question: removed %s', async (key, expected, exit = 0) => {
  const { type, removed } = await withOldRun({ tty: true, input: key })
  const { code, stderr } = await type(...PRUNE)
  expect(code).toBe(exit)
  expect(stderr).toContain('Remove this for good? [N/y] ')
  expect(await removed()).toBe(expected)
})

test('with --yes it removes at once, and a second time there is nothing left', async () => {
  const { type, removed } = await withOldRun()
  expect((await type(...PRUNE, '--yes')).stdout).toContain('Removed the contents of 1 run: 1 blob, 5 B.')
  expect(await removed()).toBe(true)
  expect(await type(...PRUNE)).toMatchObject({ code: 0, stdout: 'There is nothing to remove.\n' })
})

test('needs an age that says its unit', async () => {
  const { code, stderr } = await (await terminals.open()).type('runs', 'prune', '--older-than', '30')
  expect(code).toBe(2)
  expect(stderr).toContain('such as 30d or 8w')
})
