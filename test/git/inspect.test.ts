import { chmod, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { inspectRange } from '../../src/git/inspect.ts'
import { listTree, readFileAt } from '../../src/git/read-file.ts'
import { mustGit } from './client-git.ts'
import type { ForgeFixture } from './forge-fixture.ts'
import { commitFile, createForge } from './forge-fixture.ts'

let fixture: ForgeFixture
let base: string
beforeEach(async () => {
  fixture = await createForge()
  base = await mustGit(fixture.client, ['rev-parse', 'main'], { cwd: fixture.work })
})
afterEach(() => fixture[Symbol.asyncDispose]())

/** Pushes the work tree to a bare repository, as a quarantine holds it. */
async function pushed(): Promise<string> {
  await mustGit(fixture.client, ['push', '--quiet', '--force', 'origin', 'HEAD:refs/heads/change'], {
    cwd: fixture.work,
  })
  return mustGit(fixture.client, ['rev-parse', 'HEAD'], { cwd: fixture.work })
}
const inspect = (commit: string, maxDiffBytes = 1024 * 1024) =>
  inspectRange(fixture.git, { repository: fixture.forge, base, commit, maxDiffBytes })
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

test('counts files, lines and commits, and shows the diff', async () => {
  await commitFile(fixture.client, fixture.work, 'README.md', 'storefront\nwith more\n', 'one')
  await commitFile(fixture.client, fixture.work, 'src/new.js', 'a\nb\n', 'two')
  const facts = await inspect(await pushed())
  expect(facts).toMatchObject({ files: 2, insertions: 3, deletions: 0, truncated: false })
  expect(facts.commits.map((commit) => commit.subject)).toEqual(['one', 'two'])
  expect(facts.commits[0]).toMatchObject({
    authorName: 'Ada',
    authorEmail: 'ada@example.com',
    authorTime: 1_700_000_000_000,
    parents: [base],
  })
  expect(text(facts.diff)).toContain('+with more')
})

test('names links, submodules, executables and odd paths by their bytes', async () => {
  const { work, client } = fixture
  await symlink('/etc/passwd', join(work, 'link'))
  await writeFile(Buffer.concat([Buffer.from(`${work}/`), Buffer.from([0x61, 0xff, 0x0a, 0x09])]), 'odd\n')
  await chmod(join(work, 'README.md'), 0o755)
  await mustGit(client, ['add', '--all'], { cwd: work })
  await mustGit(client, ['update-index', '--add', '--cacheinfo', `160000,${base},sub`], { cwd: work })
  await mustGit(client, ['commit', '--quiet', '-m', 'odd'], { cwd: work })
  const { changes } = await inspect(await pushed())
  const modes = Object.fromEntries(changes.map((change) => [text(change.path), `${change.oldMode}>${change.newMode}`]))
  expect(modes).toEqual({
    'README.md': '100644>100755',
    'a\xff\n\t': '000000>100644',
    link: '000000>120000',
    sub: '000000>160000',
  })
})

test('attributes and drivers in the tree cannot hide a file or run a program', async () => {
  const { work, client } = fixture
  await writeFile(join(work, '.gitattributes'), '* -diff diff=evil merge=evil filter=evil export-ignore\n')
  await commitFile(client, work, 'src/cart.js', 'backdoor()\n', 'hide')
  const facts = await inspect(await pushed())
  expect(text(facts.diff)).toContain('+backdoor()')
})

test('reports a file that git treats as binary', async () => {
  await commitFile(fixture.client, fixture.work, 'sneaky.js', 'run() // \0\n', 'nul')
  const { changes } = await inspect(await pushed())
  expect(changes).toMatchObject([{ insertions: null, deletions: null }])
})

test('cuts a diff over the limit and marks it as truncated', async () => {
  await commitFile(fixture.client, fixture.work, 'long.txt', 'line\n'.repeat(100_000), 'long')
  const facts = await inspect(await pushed(), 1000)
  expect(facts.truncated).toBe(true)
  expect(facts.diff.length).toBe(1000)
  expect(facts.insertions).toBe(100_000)
})

test('refuses a commit that does not descend from the base', async () => {
  await mustGit(fixture.client, ['switch', '--quiet', '--orphan', 'other'], { cwd: fixture.work })
  await commitFile(fixture.client, fixture.work, 'a', 'a\n', 'orphan')
  await expect(inspect(await pushed())).rejects.toMatchObject({ code: 'rejected' })
  await expect(inspect('HEAD')).rejects.toThrow('not a full object id')
})

test('reads files and folders of a commit, and only regular files', async () => {
  const { work, client, git, forge } = fixture
  await symlink('README.md', join(work, 'link'))
  await commitFile(client, work, 'deep/er/file.txt', 'content\n', 'deep')
  const commit = await pushed()
  const read = (path: string, max = 1000) => readFileAt(git, forge, commit, path, max)
  expect(text((await read('deep/er/file.txt')) as Uint8Array)).toBe('content\n')
  for (const path of [
    'link',
    'deep',
    'nowhere',
    'nowhere/else',
    'README.md/x',
    '../README.md',
    '',
    '--help',
    'deep/er/../er/file.txt',
  ]) {
    expect(await read(path)).toBeNull()
  }
  await expect(read('deep/er/file.txt', 3)).rejects.toMatchObject({ code: 'too-large' })
  expect((await listTree(git, forge, commit, 'deep')).map((entry) => [text(entry.name), entry.type])).toEqual([
    ['er', 'tree'],
  ])
})

test('lists a touched file even if a NUL hides its content from the diff', async () => {
  await commitFile(fixture.client, fixture.work, 'run.js', '/*\0*/ const key = "AKIA0123456789ABCDEF"\n', 'hide')
  const facts = await inspect(await pushed())
  expect(facts.changes).toMatchObject([{ insertions: null }])
  expect(text(facts.diff)).toContain('Binary files')
  expect(facts.touched.map(({ path }) => text(path))).toEqual(['run.js'])
})

test('lists a file that one commit adds and the next removes', async () => {
  await commitFile(fixture.client, fixture.work, 'deploy.env', 'KEY=AKIA0123456789ABCDEF\n', 'add')
  await mustGit(fixture.client, ['rm', '--quiet', 'deploy.env'], { cwd: fixture.work })
  await commitFile(fixture.client, fixture.work, 'harmless.txt', 'x\n', 'take back')
  const facts = await inspect(await pushed())
  expect(facts.changes.map((change) => text(change.path))).toEqual(['harmless.txt'])
  expect(facts.undone.map(text)).toEqual(['deploy.env'])
  expect(text(facts.diff)).not.toContain('AKIA')
  expect(facts.touched.map(({ path, newMode }) => `${text(path)} ${newMode}`).toSorted()).toEqual([
    'deploy.env 000000',
    'deploy.env 100644',
    'harmless.txt 100644',
  ])
})

test('refuses a few trees that unfold to a huge number of paths, without listing them all', async () => {
  const { client, work } = fixture
  const tree = (lines: string[]) => mustGit(client, ['mktree'], { cwd: work, input: `${lines.join('\n')}\n` })
  const blob = await mustGit(client, ['rev-parse', 'main:README.md'], { cwd: work })
  const ten = (mode: string, id: string) => Array.from({ length: 10 }, (_, index) => `${mode} ${id}\t${index}`)
  let id = await tree(ten('100644 blob', blob))
  for (let level = 0; level < 5; level++) id = await tree(ten('040000 tree', id))
  const bomb = await mustGit(client, ['commit-tree', '-m', 'bomb', '-p', base, id], { cwd: work })
  await mustGit(client, ['push', '--quiet', 'origin', `${bomb}:refs/heads/change`], { cwd: work })
  await expect(inspect(bomb)).rejects.toMatchObject({ name: 'GitError', code: 'too-large' })
})
