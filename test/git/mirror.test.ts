import { chown, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLocalForge } from '../../src/forges/local.ts'
import { defaultBranch, resolveRef } from '../../src/git/mirror.ts'
import { mustGit } from './client-git.ts'
import { openForgeBench } from './forge-bench.ts'
import type { ForgeBench } from './forge-bench.ts'

let at: ForgeBench
beforeEach(async () => (at = await openForgeBench()))
afterEach(() => at[Symbol.asyncDispose]())

describe('mirror', () => {
  test('holds branches and tags, follows HEAD, and forgets removed branches', async () => {
    await at.forge.git.updateMirror(at.mirror)
    expect(await defaultBranch(at.fixture.git, at.mirror)).toBe('main')
    expect(await at.forge.git.defaultBranch()).toBe('main')
    expect(await resolveRef(at.fixture.git, at.mirror, 'refs/heads/hidden')).toBe(
      await at.inWork('rev-parse', 'hidden'),
    )
    await at.inWork('push', '--quiet', 'origin', ':hidden', 'main:other', 'main:refs/tags/v1')
    await at.inForge('symbolic-ref', 'HEAD', 'refs/heads/other')
    await at.forge.git.updateMirror(at.mirror)
    expect(await defaultBranch(at.fixture.git, at.mirror)).toBe('other')
    const refs = await mustGit(at.fixture.client, ['--git-dir', at.mirror, 'for-each-ref', '--format=%(refname)'])
    expect(refs.split('\n')).toEqual(['refs/heads/main', 'refs/heads/other', 'refs/tags/v1'])
    await expect(resolveRef(at.fixture.git, at.mirror, 'hidden')).rejects.toMatchObject({ code: 'unknown-ref' })
  })

  test('follows a branch that was rewritten, and one that became a folder', async () => {
    await at.forge.git.updateMirror(at.mirror)
    await at.inWork('push', '--quiet', '--force', 'origin', 'main~1:main', ':hidden', 'main:refs/heads/hidden/more')
    await at.forge.git.updateMirror(at.mirror)
    expect(await resolveRef(at.fixture.git, at.mirror, 'main')).toBe(await at.inWork('rev-parse', 'main~1'))
    expect(await resolveRef(at.fixture.git, at.mirror, 'hidden/more')).toBe(await at.inWork('rev-parse', 'main'))
  })

  test('many updates at once succeed', async () => {
    await Promise.all(Array.from({ length: 4 }, () => at.forge.git.updateMirror(at.mirror)))
    expect(await resolveRef(at.fixture.git, at.mirror, 'main')).toBe(await at.inWork('rev-parse', 'main'))
  })

  test('suggests similar names for an unknown branch', async () => {
    await at.forge.git.updateMirror(at.mirror)
    await expect(resolveRef(at.fixture.git, at.mirror, 'mian')).rejects.toThrow(
      'there is no branch "mian"; did you mean main?',
    )
    await expect(resolveRef(at.fixture.git, at.mirror, '--all')).rejects.toMatchObject({ code: 'unknown-ref' })
    await expect(resolveRef(at.fixture.git, at.mirror, 'main~1')).rejects.toMatchObject({ code: 'unknown-ref' })
  })

  test('reports a folder that is not a repository, and an empty repository', async () => {
    const plain = join(at.fixture.folder, 'plain')
    await mkdir(plain)
    await expect(createLocalForge(at.fixture.git, plain).git.updateMirror(at.mirror)).rejects.toMatchObject({
      code: 'not-a-repository',
    })
    expect(() => createLocalForge(at.fixture.git, join(at.fixture.folder, 'nowhere'))).toThrow(
      expect.objectContaining({ code: 'not-a-repository' }),
    )
    await mustGit(at.fixture.client, ['init', '--quiet', plain])
    await expect(createLocalForge(at.fixture.git, plain).git.updateMirror(at.mirror)).rejects.toMatchObject({
      code: 'empty-repository',
    })
    expect(await readdir(at.fixture.folder)).not.toContain('mirrors')
  })

  test.runIf(process.getuid?.() === 0)('reads a repository that belongs to another user', async () => {
    for (const entry of await readdir(at.fixture.forge, { recursive: true }))
      await chown(join(at.fixture.forge, entry), 4321, 4321)
    await chown(at.fixture.forge, 4321, 4321)
    await at.forge.git.updateMirror(at.mirror)
    for (const entry of await readdir(at.fixture.work, { recursive: true }))
      await chown(join(at.fixture.work, entry), 4321, 4321)
    await chown(at.fixture.work, 4321, 4321)
    await createLocalForge(at.fixture.git, at.fixture.work).git.updateMirror(`${at.mirror}2`)
  })

  test('a shell never interprets the name of a folder', async () => {
    const odd = join(at.fixture.folder, "o'dd $(touch ran) `touch ran`;touch ran")
    await mustGit(at.fixture.client, ['clone', '--quiet', '--bare', at.fixture.forge, odd])
    const oddForge = createLocalForge(at.fixture.git, odd)
    await oddForge.git.updateMirror(at.mirror)
    expect(await readdir(join(at.fixture.folder, 'host', 'home'))).toEqual([])
    expect(new URL(oddForge.originUrl).pathname).toMatch(/^\/[A-Za-z0-9._-]+\.git$/)
  })
})
