// Local repositories of all shapes, which Glovebox reads only by their objects and refs.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLocalForge } from '../../src/forges/local.ts'
import { defaultBranch, resolveRef } from '../../src/git/mirror.ts'
import { mustGit } from './client-git.ts'
import { openForgeBench } from './forge-bench.ts'
import type { ForgeBench } from './forge-bench.ts'

let at: ForgeBench
beforeEach(async () => (at = await openForgeBench()))
afterEach(() => at[Symbol.asyncDispose]())

const inWork = (...argv: string[]) => at.inWork(...argv)

test('accepts a linked work tree as the source, with its checked-out branch', async () => {
  await inWork('worktree', 'add', '--quiet', '-b', 'side', '../side')
  await createLocalForge(at.fixture.git, join(at.fixture.folder, 'side')).git.updateMirror(at.mirror)
  expect(await defaultBranch(at.fixture.git, at.mirror)).toBe('side')
  expect(await resolveRef(at.fixture.git, at.mirror, 'main')).toBe(await inWork('rev-parse', 'main'))
})

test('reads packed refs, borrowed objects and a detached HEAD', async () => {
  await mustGit(at.fixture.client, ['clone', '--quiet', '--shared', at.fixture.work, 'borrower'])
  const borrower = join(at.fixture.folder, 'borrower')
  await mustGit(at.fixture.client, ['-C', borrower, 'pack-refs', '--all'])
  await mustGit(at.fixture.client, ['-C', borrower, 'checkout', '--quiet', '--detach'])
  await createLocalForge(at.fixture.git, borrower).git.updateMirror(at.mirror)
  expect(await resolveRef(at.fixture.git, at.mirror, 'main')).toBe(await inWork('rev-parse', 'main'))
})

test('keeps the SHA-256 object format', async () => {
  await mustGit(at.fixture.client, ['init', '--quiet', '--object-format=sha256', 'wide'])
  const wide = join(at.fixture.folder, 'wide')
  await mustGit(at.fixture.client, ['-C', wide, 'commit', '--quiet', '--allow-empty', '-m', 'one'])
  await createLocalForge(at.fixture.git, wide).git.updateMirror(at.mirror)
  expect(await defaultBranch(at.fixture.git, at.mirror)).toMatch(/^(main|master)$/)
  expect(await mustGit(at.fixture.client, ['--git-dir', at.mirror, 'rev-parse', 'HEAD'])).toHaveLength(64)
})

test('refuses a push to a branch that any work tree has checked out', async () => {
  await inWork('worktree', 'add', '--quiet', '-b', 'side', '../side')
  const given = await at.proposal()
  for (const [named, target] of [
    ['work', 'main'],
    ['side', 'main'],
    ['work', 'side'],
    ['side', 'side'],
  ] as const) {
    const forge = createLocalForge(at.fixture.git, join(at.fixture.folder, named))
    const publish = forge.git.publish({ ...given, branch: target, actor: { id: 'user:grace' }, time: 0 })
    await expect(publish).rejects.toMatchObject({ name: 'ForgeError' })
  }
})

test('files pushed to a shared repository are writable by its group', async () => {
  await at.inForge('config', 'core.sharedRepository', 'group')
  const given = await at.proposal()
  await at.forge.git.publish({ ...given, branch: 'glovebox/x/1', actor: { id: 'user:grace' }, time: 0 })
  const ref = join(at.fixture.forge, 'refs/heads/glovebox/x/1')
  expect((await stat(ref)).mode & 0o060).toBe(0o060)
})

test('leaves no file of a stand-in in the repository or in the scratch folder', async () => {
  const before = await readdir(at.fixture.forge)
  const given = await at.proposal()
  await at.forge.git.publish({ ...given, branch: 'glovebox/x/1', actor: { id: 'user:grace' }, time: 0 })
  expect(await readdir(at.fixture.forge)).toEqual(before)
  await at.fixture.git.inScratch(async (folder) => expect(await readdir(join(folder, '..'))).toHaveLength(1))
})
