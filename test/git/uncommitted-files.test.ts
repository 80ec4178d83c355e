// The files of a work tree that a run does not see, and a repository whose configuration would start programs for a look.
import { existsSync } from 'node:fs'
import { appendFile, mkdir, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { uncommittedFiles } from '../../src/git/uncommitted-files.ts'
import { mustGit } from './client-git.ts'
import { commitFile, createForge, type ForgeFixture } from './forge-fixture.ts'

let fixture: ForgeFixture
beforeAll(async () => {
  fixture = await createForge()
})
afterAll(() => fixture[Symbol.asyncDispose]())

test('counts modified, staged, removed and untracked files, and no ignored ones', async () => {
  const { git, work, client } = fixture
  expect(await uncommittedFiles(git, work)).toBe(0)
  await commitFile(client, work, '.gitignore', '*.log\n', 'ignore')
  await appendFile(join(work, '.git/info/exclude'), 'notes\n')
  for (const name of ['a.log', 'notes', 'new folder\n/one', 'new folder\n/two']) {
    await mkdir(join(work, 'new folder\n'), { recursive: true })
    await writeFile(join(work, name), 'x')
  }
  expect(await uncommittedFiles(git, work)).toBe(2)
  await writeFile(join(work, 'README.md'), 'changed\n')
  await rm(join(work, 'src/cart.js'))
  await writeFile(join(work, 'staged'), 'x')
  await mustGit(client, ['add', 'staged'], { cwd: work })
  expect(await uncommittedFiles(git, work)).toBe(5)
})

test('a second work tree has its own edits', async () => {
  const { git, work, client, folder } = fixture
  const other = join(folder, 'other')
  await mustGit(client, ['worktree', 'add', '--quiet', other, 'hidden'], { cwd: work })
  expect(await uncommittedFiles(git, other)).toBe(0)
  await writeFile(join(other, 'more'), 'x')
  expect(await uncommittedFiles(git, other)).toBe(1)
})

test('is unknown without a work tree', async () => {
  const { git, forge, work, folder } = fixture
  for (const address of [forge, join(work, '.git'), join(folder, 'nowhere')])
    expect(await uncommittedFiles(git, address)).toBeNull()
})

test('starts no program that the repository configures', async () => {
  await using hostile = await createForge()
  const { git, client, work, folder } = hostile
  const marker = join(folder, 'it-ran')
  await commitFile(client, work, '.gitattributes', '* filter=evil diff=evil\n', 'attributes')
  for (const [key, value] of [
    ['filter.evil.clean', `touch ${marker}; cat`],
    ['filter.evil.process', `touch ${marker}`],
    ['diff.evil.textconv', `touch ${marker}; cat`],
    ['core.fsmonitor', `touch ${marker}; false`],
    ['core.hooksPath', join(folder, 'hooks')],
  ] as const)
    await mustGit(client, ['config', key, value], { cwd: work })
  // Another time makes git read the file, which would start the filter.
  await writeFile(join(work, 'README.md'), 'another text\n')
  await utimes(join(work, 'src/cart.js'), 1, 1)
  expect(await uncommittedFiles(git, work)).toBe(1)
  expect(existsSync(marker)).toBe(false)
})
