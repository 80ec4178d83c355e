import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGitForge } from '../../src/forges/git-forge.ts'
import { openForge } from '../../src/forges/registry.ts'
import { listRefs } from '../../src/git/list-refs.ts'
import { resolveRef } from '../../src/git/mirror.ts'
import { createQuarantine } from '../../src/git/quarantine.ts'
import { mustGit } from './client-git.ts'
import { openForgeBench } from './forge-bench.ts'
import type { ForgeBench } from './forge-bench.ts'
import { commitFile } from './forge-fixture.ts'
import { PUSH_BRANCH } from '../../src/domain/run.ts'
import { openWall, OWN_REF } from './wall.ts'

let at: ForgeBench
beforeEach(async () => (at = await openForgeBench()))
afterEach(() => at[Symbol.asyncDispose]())

describe('openForge', () => {
  const open = (repository: string) => openForge(repository, { git: at.fixture.git })

  test('accepts a path, a file URL and an https address', () => {
    expect(open(at.fixture.forge)).toMatchObject({
      kind: 'local',
      originUrl: 'https://git.glovebox.internal/storefront.git',
    })
    expect(open(`file://${at.fixture.forge}`).repository).toBe(open(at.fixture.forge).repository)
    expect(open('https://forge.example/org/repo.git/')).toMatchObject({
      kind: 'git-https',
      originUrl: 'https://forge.example/org/repo.git',
    })
  })

  test.each([
    ['ssh://git@forge.example/org/repo', 'unreachable'],
    ['git@forge.example:org/repo', 'unreachable'],
    ['git://forge.example/org/repo', 'unreachable'],
    ['http://forge.example/org/repo', 'unreachable'],
    ['ext::sh -c touch% ran', 'not-a-repository'],
    ['https://user:secret@forge.example/org/repo', 'refused'],
    ['https://forge.example/', 'not-a-repository'],
    ['file://elsewhere/path', 'unreachable'],
    ['relative/path', 'not-a-repository'],
    ['--upload-pack=touch ran', 'not-a-repository'],
    ['', 'not-a-repository'],
  ])('refuses %s', (repository, code) => {
    expect(() => open(repository)).toThrow(expect.objectContaining({ code }))
  })
})

test('mirrors and pushes to a repository over HTTP, and reports its refusal of a push', async () => {
  await using wall = await openWall()
  const { git, client, work, folder } = wall.fixture
  const remote = createGitForge(git, {
    kind: 'git-https',
    remote: { address: wall.url, kind: 'http' },
    originUrl: wall.url,
  })
  const into = join(folder, 'mirrors', 'http.git')
  await remote.git.updateMirror(into)
  expect(await remote.git.defaultBranch()).toBe('main')
  expect(await resolveRef(git, into, 'main')).toBe(wall.base)
  const quarantine = join(folder, 'q.git')
  await createQuarantine(git, { path: quarantine, mirror: into, branch: 'main', commit: wall.base })
  const commit = await commitFile(client, work, 'fix.js', 'fixed\n', 'fix')
  await mustGit(client, ['push', '--quiet', quarantine, `${commit}:refs/heads/x`], { cwd: work })
  const given = { quarantine, base: wall.base, commit, actor: { id: 'user:grace' }, time: 0 }
  await remote.git.publish({ ...given, branch: PUSH_BRANCH })
  expect((await listRefs(wall.fixture.git, wall.quarantine, 'refs/heads/')).get(OWN_REF)).toBe(commit)
  await expect(remote.git.merge({ ...given, target: 'main', message: 'x' })).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('may push only'),
  })
  const nowhere = createGitForge(git, {
    kind: 'git-https',
    remote: { address: wall.url.replace('storefront', 'other'), kind: 'http' },
    originUrl: wall.url,
  })
  await expect(nowhere.git.updateMirror(join(folder, 'nowhere.git'))).rejects.toMatchObject({ name: 'ForgeError' })
})
