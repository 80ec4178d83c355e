import { chown, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGitForge } from '../../src/forges/git-forge.ts'
import { createLocalForge } from '../../src/forges/local.ts'
import { openForge } from '../../src/forges/registry.ts'
import type { Forge, MergeRequest } from '../../src/forges/types.ts'
import { listRefs } from '../../src/git/list-refs.ts'
import { defaultBranch, resolveRef } from '../../src/git/mirror.ts'
import { createQuarantine } from '../../src/git/quarantine.ts'
import { mustGit } from './client-git.ts'
import type { ForgeFixture } from './forge-fixture.ts'
import { commitFile, createForge } from './forge-fixture.ts'
import { openWall, OWN_REF, RUN_BRANCH } from './wall.ts'

let fixture: ForgeFixture
let forge: Forge
let mirror: string
beforeEach(async () => {
  fixture = await createForge()
  forge = createLocalForge(fixture.git, fixture.forge)
  mirror = join(fixture.folder, 'mirrors', 'm.git')
})
afterEach(() => fixture[Symbol.asyncDispose]())

const inWork = (...args: string[]) => mustGit(fixture.client, args, { cwd: fixture.work })
const inForge = (...args: string[]) => mustGit(fixture.client, ['--git-dir', fixture.forge, ...args])

/** A quarantine that holds a commit on top of the forge's main. */
async function proposal(
  path = 'fix.js',
  content = 'fixed\n',
): Promise<{ quarantine: string; base: string; commit: string }> {
  await forge.updateMirror(mirror)
  const base = await resolveRef(fixture.git, mirror, 'main')
  const quarantine = join(fixture.folder, 'quarantine.git')
  await createQuarantine(fixture.git, { path: quarantine, mirror, branch: 'main', commit: base })
  await inWork('switch', '--quiet', '--detach', base)
  const commit = await commitFile(fixture.client, fixture.work, path, content, 'fix')
  await inWork('push', '--quiet', quarantine, `${commit}:refs/heads/glovebox/x/1`)
  await inWork('switch', '--quiet', 'main')
  return { quarantine, base, commit }
}

const request = (given: Awaited<ReturnType<typeof proposal>>, target = 'main'): MergeRequest => ({
  ...given,
  target,
  message: 'Merge the fix\n\nGlovebox-Run: 1\nApproved-by: user:grace\n',
  actor: { id: 'user:grace' },
  time: 1_700_000_123_000,
})

async function advanceMain(path: string, content: string): Promise<string> {
  const commit = await commitFile(fixture.client, fixture.work, path, content, 'meanwhile')
  await inWork('push', '--quiet', 'origin', 'main')
  return commit
}

describe('mirror', () => {
  test('holds the branches, follows HEAD, and forgets removed branches', async () => {
    await forge.updateMirror(mirror)
    expect(await defaultBranch(fixture.git, mirror)).toBe('main')
    expect(await forge.defaultBranch()).toBe('main')
    expect(await resolveRef(fixture.git, mirror, 'refs/heads/hidden')).toBe(await inWork('rev-parse', 'hidden'))
    await inWork('push', '--quiet', 'origin', ':hidden', 'main:other', 'main:refs/tags/v1')
    await inForge('symbolic-ref', 'HEAD', 'refs/heads/other')
    await forge.updateMirror(mirror)
    expect(await defaultBranch(fixture.git, mirror)).toBe('other')
    const refs = await mustGit(fixture.client, ['--git-dir', mirror, 'for-each-ref', '--format=%(refname)'])
    expect(refs.split('\n')).toEqual(['refs/heads/main', 'refs/heads/other'])
    await expect(resolveRef(fixture.git, mirror, 'hidden')).rejects.toMatchObject({ code: 'unknown-ref' })
  })

  test('follows a branch that was rewritten, and one that became a folder', async () => {
    await forge.updateMirror(mirror)
    await inWork('push', '--quiet', '--force', 'origin', 'main~1:main', ':hidden', 'main:refs/heads/hidden/more')
    await forge.updateMirror(mirror)
    expect(await resolveRef(fixture.git, mirror, 'main')).toBe(await inWork('rev-parse', 'main~1'))
    expect(await resolveRef(fixture.git, mirror, 'hidden/more')).toBe(await inWork('rev-parse', 'main'))
  })

  test('many updates at once are fine', async () => {
    await Promise.all(Array.from({ length: 4 }, () => forge.updateMirror(mirror)))
    expect(await resolveRef(fixture.git, mirror, 'main')).toBe(await inWork('rev-parse', 'main'))
  })

  test('a wrong branch name is answered with the near ones', async () => {
    await forge.updateMirror(mirror)
    await expect(resolveRef(fixture.git, mirror, 'mian')).rejects.toThrow(
      'there is no branch "mian"; did you mean main?',
    )
    await expect(resolveRef(fixture.git, mirror, '--all')).rejects.toMatchObject({ code: 'unknown-ref' })
    await expect(resolveRef(fixture.git, mirror, 'main~1')).rejects.toMatchObject({ code: 'unknown-ref' })
  })

  test('what is no repository, and what is empty, is called so', async () => {
    const plain = join(fixture.folder, 'plain')
    await mkdir(plain)
    await expect(createLocalForge(fixture.git, plain).updateMirror(mirror)).rejects.toMatchObject({
      code: 'not-a-repository',
    })
    expect(() => createLocalForge(fixture.git, join(fixture.folder, 'nowhere'))).toThrow(
      expect.objectContaining({ code: 'not-a-repository' }),
    )
    await mustGit(fixture.client, ['init', '--quiet', plain])
    await expect(createLocalForge(fixture.git, plain).updateMirror(mirror)).rejects.toMatchObject({
      code: 'empty-repository',
    })
    expect(await readdir(fixture.folder)).not.toContain('mirrors')
  })

  test.runIf(process.getuid?.() === 0)('a repository of another user, which the requester named, is read', async () => {
    for (const entry of await readdir(fixture.forge, { recursive: true }))
      await chown(join(fixture.forge, entry), 4321, 4321)
    await chown(fixture.forge, 4321, 4321)
    await forge.updateMirror(mirror)
    for (const entry of await readdir(fixture.work, { recursive: true }))
      await chown(join(fixture.work, entry), 4321, 4321)
    await chown(fixture.work, 4321, 4321)
    await createLocalForge(fixture.git, fixture.work).updateMirror(`${mirror}2`)
  })

  test('a folder whose name means something to a shell is only a folder', async () => {
    const odd = join(fixture.folder, "o'dd $(touch ran) `touch ran`;touch ran")
    await mustGit(fixture.client, ['clone', '--quiet', '--bare', fixture.forge, odd])
    const oddForge = createLocalForge(fixture.git, odd)
    await oddForge.updateMirror(mirror)
    expect(await readdir(join(fixture.folder, 'host', 'home'))).toEqual([])
    expect(new URL(oddForge.originUrl).pathname).toMatch(/^\/[A-Za-z0-9._-]+\.git$/)
  })
})

describe('merge', () => {
  test('always makes a merge commit, with message, author and date', async () => {
    const given = await proposal()
    const tip = await inForge('rev-parse', 'main')
    const { commit, kind } = await forge.merge(request(given))
    expect(kind).toBe('merge')
    expect(await inForge('rev-parse', 'main')).toBe(commit)
    expect(await inForge('log', '-1', '--format=%P|%an|%ae|%cn|%at|%ct', commit)).toBe(
      `${tip} ${given.commit}|grace|grace@glovebox.invalid|Glovebox|1700000123|1700000123`,
    )
    expect(await inForge('log', '-1', '--format=%(trailers:key=Approved-by,valueonly)', commit)).toBe('user:grace')
    expect(await readdir(join(fixture.folder, 'host', 'scratch'))).toEqual([])
  })

  test('joins with what happened meanwhile', async () => {
    const given = await proposal('src/cart.js', 'let items = 1\nlet total = 2\n\n\n\n\n\nexport { items, total }\n')
    await advanceMain('src/cart.js', 'let items = 5\nlet total = 2\n\n\n\n\n\nexport { items }\n')
    const { commit } = await forge.merge(request(given))
    expect(await inForge('show', `${commit}:src/cart.js`)).toBe(
      'let items = 5\nlet total = 2\n\n\n\n\n\nexport { items, total }',
    )
  })

  test('a conflict names the paths and changes nothing', async () => {
    const given = await proposal('src/cart.js', 'ours\n')
    const tip = await advanceMain('src/cart.js', 'theirs\n')
    await expect(forge.merge(request(given))).rejects.toMatchObject({
      code: 'conflict',
      message: 'both sides changed: src/cart.js',
    })
    expect(await inForge('rev-parse', 'main')).toBe(tip)
  })

  test('a target that is checked out is refused with what to do', async () => {
    forge = createLocalForge(fixture.git, fixture.work)
    const given = await proposal()
    const tip = await inWork('rev-parse', 'main')
    await expect(forge.merge(request(given))).rejects.toMatchObject({
      code: 'checked-out',
      message: expect.stringContaining('switch --detach'),
    })
    expect(await inWork('rev-parse', 'main')).toBe(tip)
    await inWork('config', 'receive.denyCurrentBranch', 'updateInstead')
    await expect(forge.merge(request(given))).rejects.toMatchObject({ code: 'checked-out' })
    await inWork('switch', '--quiet', '--detach')
    expect((await forge.merge(request(given))).kind).toBe('merge')
  })

  test('a target that moves while merging is tried again, once', async () => {
    const given = await proposal()
    const raced = await advanceDuringPush(1)
    const { commit } = await forge.merge(request(given))
    expect(await inForge('rev-parse', `${commit}^1`)).toBe(await inForge('rev-parse', 'raced-1'))
    expect(raced()).toBe(2)
  })

  test('a target that keeps moving is given up as moved', async () => {
    const given = await proposal()
    const raced = await advanceDuringPush(5)
    await expect(forge.merge(request(given))).rejects.toMatchObject({ code: 'moved' })
    expect(raced()).toBe(2)
  })

  test('a merge that was done already is not done twice', async () => {
    const given = await proposal()
    const first = await forge.merge(request(given))
    await inWork('pull', '--quiet', '--ff-only', 'origin', 'main')
    await advanceMain('later.txt', 'later\n')
    expect(await forge.merge(request(given))).toEqual(first)
  })

  test('an unknown target is called so', async () => {
    const given = await proposal()
    await expect(forge.merge(request(given, 'nowhere'))).rejects.toMatchObject({ code: 'unknown-ref' })
    await expect(forge.merge(request(given, '--delete'))).rejects.toMatchObject({ code: 'refused' })
  })

  /** Moves main right before each of the first pushes, and counts them. */
  async function advanceDuringPush(times: number): Promise<() => number> {
    let pushes = 0
    const { git } = fixture
    const racing = {
      ...git,
      async run(command: Parameters<typeof git.run>[0]) {
        if (command.argv[0] === 'push') {
          pushes++
          if (pushes <= times) {
            await advanceMain(`race-${pushes}.txt`, 'race\n')
            await inForge('branch', `raced-${pushes}`, 'main')
          }
        }
        return git.run(command)
      },
    }
    forge = createLocalForge(racing, fixture.forge)
    return () => pushes
  }
})

describe('publish', () => {
  test('pushes the commit as a branch, again if need be', async () => {
    const given = await proposal()
    const push = () => forge.publish({ ...given, branch: 'glovebox/x/1', actor: { id: 'user:grace' }, time: 0 })
    await push()
    await push()
    expect(await inForge('rev-parse', 'glovebox/x/1')).toBe(given.commit)
  })

  test('never moves a branch that is there, not even forwards: that would be a merge', async () => {
    const given = await proposal()
    const main = await inForge('rev-parse', 'main')
    const publishing = forge.publish({ ...given, branch: 'main', actor: { id: 'user:grace' }, time: 0 })
    await expect(publishing).rejects.toMatchObject({ code: 'moved', message: expect.stringContaining('already') })
    expect(await inForge('rev-parse', 'main')).toBe(main)
  })

  test('never moves a branch off its commits', async () => {
    const given = await proposal()
    const hidden = await inForge('rev-parse', 'hidden')
    await expect(
      forge.publish({ ...given, branch: 'hidden', actor: { id: 'user:grace' }, time: 0 }),
    ).rejects.toMatchObject({ code: 'moved' })
    expect(await inForge('rev-parse', 'hidden')).toBe(hidden)
  })
})

describe('openForge', () => {
  const open = (repository: string) => openForge(repository, { git: fixture.git })

  test('knows a path, a file URL and an https address', () => {
    expect(open(fixture.forge)).toMatchObject({
      kind: 'local',
      originUrl: 'https://git.glovebox.internal/storefront.git',
    })
    expect(open(`file://${fixture.forge}`).repository).toBe(open(fixture.forge).repository)
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

test('a repository behind HTTP is mirrored, pushed to, and refuses what it refuses', async () => {
  await using wall = await openWall()
  const { git, client, work, folder } = wall.fixture
  const remote = createGitForge(git, {
    kind: 'git-https',
    remote: { address: wall.url, kind: 'http' },
    originUrl: wall.url,
  })
  const into = join(folder, 'mirrors', 'http.git')
  await remote.updateMirror(into)
  expect(await remote.defaultBranch()).toBe('main')
  expect(await resolveRef(git, into, 'main')).toBe(wall.base)
  const quarantine = join(folder, 'q.git')
  await createQuarantine(git, { path: quarantine, mirror: into, branch: 'main', commit: wall.base })
  const commit = await commitFile(client, work, 'fix.js', 'fixed\n', 'fix')
  await mustGit(client, ['push', '--quiet', quarantine, `${commit}:refs/heads/x`], { cwd: work })
  const given = { quarantine, base: wall.base, commit, actor: { id: 'user:grace' }, time: 0 }
  await remote.publish({ ...given, branch: RUN_BRANCH })
  expect((await listRefs(wall.fixture.git, wall.quarantine, 'refs/heads/')).get(OWN_REF)).toBe(commit)
  await expect(remote.merge({ ...given, target: 'main', message: 'x' })).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('may push only'),
  })
  const nowhere = createGitForge(git, {
    kind: 'git-https',
    remote: { address: wall.url.replace('storefront', 'other'), kind: 'http' },
    originUrl: wall.url,
  })
  await expect(nowhere.updateMirror(join(folder, 'nowhere.git'))).rejects.toMatchObject({ name: 'ForgeError' })
})

describe('a hostile repository', () => {
  test('runs nothing: not by hooks, not by its configuration, not by a promised object', async () => {
    const trap = join(fixture.folder, 'trap')
    const ran = join(fixture.folder, 'ran')
    await writeFile(trap, `#!/bin/sh\necho "$0 $@" >> ${ran}\nexit 0\n`, { mode: 0o755 })
    const traps = [
      ['core.hooksPath', join(fixture.forge, 'hooks')],
      ['core.fsmonitor', trap],
      ['core.alternateRefsCommand', trap],
      ['core.sshCommand', trap],
      ['core.gitProxy', trap],
      ['core.pager', trap],
      ['core.editor', trap],
      ['uploadpack.packObjectsHook', trap],
      ['gpg.program', trap],
      ['diff.external', trap],
      ['filter.x.clean', trap],
      ['filter.x.smudge', trap],
      ['merge.x.driver', trap],
      ['credential.helper', `!${trap}`],
      ['gc.auto', '1'],
      ['extensions.partialClone', 'evil'],
      ['remote.evil.promisor', 'true'],
      ['remote.evil.url', `ext::${trap}`],
      ['remote.evil.uploadpack', trap],
      ['protocol.ext.allow', 'always'],
      ['alias.upload-pack', `!${trap}`],
      ['alias.receive-pack', `!${trap}`],
    ]
    const lender = join(fixture.folder, 'lender.git')
    await mustGit(fixture.client, ['init', '--quiet', '--bare', lender])
    await writeFile(join(fixture.forge, 'objects', 'info', 'alternates'), `${lender}/objects\n`)
    for (const name of [
      'pre-receive',
      'update',
      'post-receive',
      'post-update',
      'proc-receive',
      'reference-transaction',
      'pre-push',
      'push-to-checkout',
      'pre-auto-gc',
    ]) {
      await writeFile(join(fixture.forge, 'hooks', name), `#!/bin/sh\necho hook ${name} >> ${ran}\nexit 0\n`, {
        mode: 0o755,
      })
    }
    const given = await proposal()
    for (const [key, value] of traps) await inForge('config', key as string, value as string)
    await forge.updateMirror(mirror)
    await forge.publish({ ...given, branch: 'glovebox/x/1', actor: { id: 'user:grace' }, time: 0 })
    const { commit } = await forge.merge(request(given))
    expect(await inForge('rev-parse', 'main')).toBe(commit)
    await inForge('config', 'receive.procReceiveRefs', 'refs')
    await expect(
      forge.publish({ ...given, branch: 'glovebox/x/2', actor: { id: 'user:grace' }, time: 0 }),
    ).rejects.toMatchObject({ code: 'refused' })
    await inForge('config', '--unset', 'receive.procReceiveRefs')
    expect(await readdir(fixture.folder)).not.toContain('ran')

    // The same repository, used carelessly, does spring the trap: the test can fail.
    await fixture.client(['push', fixture.forge, 'main:refs/heads/careless'], { cwd: fixture.work })
    expect(await readdir(fixture.folder)).toContain('ran')
  })

  test('hooks in a mirror or a quarantine of ours would not run either', async () => {
    const given = await proposal()
    const ran = join(fixture.folder, 'ran')
    for (const repository of [mirror, given.quarantine]) {
      await mkdir(join(repository, 'hooks'), { recursive: true })
      for (const name of ['reference-transaction', 'pre-push', 'post-index-change']) {
        await writeFile(join(repository, 'hooks', name), `#!/bin/sh\necho ran >> ${ran}\n`, { mode: 0o755 })
      }
    }
    await advanceMain('more.txt', 'more\n')
    await forge.updateMirror(mirror)
    await forge.publish({ ...given, branch: 'glovebox/x/1', actor: { id: 'user:grace' }, time: 0 })
    expect(await readdir(fixture.folder)).not.toContain('ran')
  })
})
