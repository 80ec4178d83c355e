// Sources of a run: tags, commits, and branches whose names could collide with ours.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commitAll, git, makeRepository } from './glovebox.ts'
import { openWorkshop } from './in-process.ts'
import type { Workshop } from './in-process.ts'

let shop: Workshop
beforeAll(async () => {
  shop = await openWorkshop()
})
afterAll(() => shop[Symbol.asyncDispose]())

async function approve(change: string | undefined): Promise<string> {
  if (change === undefined) throw new Error('nothing was proposed')
  await shop.client.approveChange({ params: { change }, body: {} })
  return change
}

describe('a repository with tags', () => {
  let repository: string
  let first: string
  beforeAll(async () => {
    repository = await makeRepository(shop.folder, 'tagged', { 'a.txt': 'one\n' })
    first = (await git(repository, 'rev-parse', 'HEAD')).trim()
    await git(repository, '-c', 'user.name=A', '-c', 'user.email=a@b.c', 'tag', '-a', '-m', 'x', 'v1.0')
    await writeFile(join(repository, 'b.txt'), 'two\n')
    await commitAll(repository, 'Second')
    await git(repository, 'switch', '--quiet', '--detach')
  })

  test('works with git describe inside', async () => {
    const described = await shop.run(repository, { ref: 'main', script: 'git describe --tags' })
    expect(await described.output(1)).toMatch(/^v1\.0-1-g[0-9a-f]+\n$/)
    expect(described.of('run.planned')).toMatchObject([{ notes: [] }])
  })

  test.each([
    ['a tag', () => 'v1.0'],
    ['a short id', () => first.slice(0, 9)],
  ])('can be used at %s, and the change merges into the default branch', async (_, refOf) => {
    const ref = refOf()
    const worked = await shop.run(repository, { ref, mode: 'write', script: `ls; echo x > ${ref}.txt` })
    expect(await worked.output(1)).toBe('a.txt\n')
    expect(worked.change?.change).toMatchObject({ target: 'main', base: first })
    const note = `${ref} is commit ${first.slice(0, 12)} of main: a change will target main`
    expect(worked.of('run.planned')).toMatchObject([{ notes: [note] }])
    await shop.client.mergeChange({ params: { change: await approve(worked.change?.change.id) } })
    expect(await git(repository, 'ls-tree', '--name-only', 'main')).toContain(`${ref}.txt`)
  })

  test('names the existing refs when a ref does not exist', async () => {
    expect((await shop.run(repository, { ref: 'mian', script: 'true' })).run).toMatchObject({
      status: 'invalid',
      reason: 'there is no branch, tag or commit "mian"; did you mean main?',
    })
  })
})

describe('a repository with a branch called glovebox', () => {
  test.each(['glovebox', 'main'])('can be used at %s, and its change is published beside it', async (ref) => {
    const repository = await makeRepository(shop.folder, `named-${ref}`, { 'a.txt': 'one\n' })
    await git(repository, 'branch', 'glovebox')
    const worked = await shop.run(repository, { ref, mode: 'write', script: 'echo x > x.txt' })
    const branch = `glovebox-command-${worked.run.id}`
    expect(worked).toMatchObject({ run: { status: 'succeeded' }, change: { change: { target: ref, branch } } })
    await shop.client.publishChange({ params: { change: await approve(worked.change?.change.id) } })
    expect(await git(repository, 'ls-tree', '--name-only', branch)).toContain('x.txt')
  })

  test('that appeared after the run is named at publication, with the cure', async () => {
    const repository = await makeRepository(shop.folder, 'later', { 'a.txt': 'one\n' })
    const worked = await shop.run(repository, { mode: 'write', script: 'echo x > x.txt' })
    await git(repository, 'branch', 'glovebox')
    await expect(
      shop.client.publishChange({ params: { change: await approve(worked.change?.change.id) } }),
    ).rejects.toThrow(/branches glovebox\/command\/\w+ and glovebox side by side.*rename it there/)
  })
})

test('refuses a branch whose name collides with the branch that runs push', async () => {
  const repository = await makeRepository(shop.folder, 'own', { 'a.txt': 'one\n' })
  const ref = 'glovebox-change/old'
  await git(repository, 'branch', ref)
  expect((await shop.run(repository, { mode: 'write', script: 'echo x > x' })).change).not.toBeNull()
  expect((await shop.run(repository, { ref, mode: 'write', script: 'true' })).run).toMatchObject({
    status: 'invalid',
    reason: expect.stringContaining(`the repository's own branch ${ref} is in the way; rename it`),
  })
  expect(await (await shop.run(repository, { ref, script: 'ls' })).output(1)).toBe('a.txt\n')
})
