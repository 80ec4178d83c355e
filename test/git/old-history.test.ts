// Old histories have objects with faults. Faulty objects of the forge are accepted, as git does by default; those that a
// run adds are refused.
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createLocalForge } from '../../src/forges/local.ts'
import { inspectRange } from '../../src/git/inspect.ts'
import { resolveRef } from '../../src/git/mirror.ts'
import { mustGit } from './client-git.ts'
import { mergeOf } from './forge-bench.ts'
import type { ForgeFixture } from './forge-fixture.ts'
import { commitFile } from './forge-fixture.ts'
import { commitText, ODD_COMMITS, storeObject, treeOf } from './odd-objects.ts'
import { openPushing } from './pushing.ts'
import type { Pushing } from './pushing.ts'
import { postPush, pushBody } from './raw-push.ts'
import { OWN_REF } from './wall.ts'

let at: Pushing
afterEach(() => at[Symbol.asyncDispose]())

const idOf = (fixture: ForgeFixture, name: string) =>
  mustGit(fixture.client, ['rev-parse', name], { cwd: fixture.work })

/** Lays a commit under a sound one, in main of the forge. */
async function lay(fixture: ForgeFixture, odd: string): Promise<void> {
  const { client, work } = fixture
  const tree = await idOf(fixture, 'main^{tree}')
  const sound = await storeObject(client, { cwd: work }, 'commit', commitText({ tree, parents: [odd] }))
  await mustGit(client, ['reset', '--quiet', '--hard', sound], { cwd: work })
  await mustGit(client, ['push', '--quiet', 'origin', 'main'], { cwd: work })
}

async function oddTrees(fixture: ForgeFixture): Promise<Record<string, Uint8Array>> {
  const file = await idOf(fixture, 'main:README.md')
  const folder = await idOf(fixture, 'main:src')
  const modules = (text: string) => storeObject(fixture.client, { cwd: fixture.work }, 'blob', text)
  const module = (name: string, url: string) => `[submodule "${name}"]\n\tpath = x\n\turl = ${url}\n`
  return {
    'zero-padded modes': treeOf(['100644', 'README.md', file], ['040000', 'src', folder]),
    'the mode 100664': treeOf(['100664', 'README.md', file]),
    'the same name twice': treeOf(['100644', 'a', file], ['100644', 'a', file]),
    'names out of order': treeOf(['100644', 'b', file], ['100644', 'a', file]),
    'a submodule at no commit': treeOf(['160000', 'sub', '0'.repeat(40)]),
    'a slash in a name': treeOf(['100644', 'a/b', file]),
    'a folder .git': treeOf(['40000', '.git', folder]),
    'a .gitmodules with an option as URL': treeOf(['100644', '.gitmodules', await modules(module('x', '-u./payload'))]),
    'a .gitmodules that climbs': treeOf([
      '100644',
      '.gitmodules',
      await modules(module('../x', 'https://e.example/x')),
    ]),
    'a .gitmodules that is a link': treeOf(['120000', '.gitmodules', file]),
  }
}

describe('a history that begins with', () => {
  test.each(Object.entries(ODD_COMMITS))('%s is mirrored, fetched, worked on and merged', async (_, parts) => {
    at = await openPushing({
      async before(fixture) {
        const tree = await idOf(fixture, 'main^{tree}')
        const text = commitText({ tree, parents: [await idOf(fixture, 'main')], ...parts })
        await lay(fixture, await storeObject(fixture.client, { cwd: fixture.work }, 'commit', text))
      },
    })
    await workAndMerge()
  })

  test('trees of all kinds is mirrored, fetched, worked on and merged', async () => {
    at = await openPushing({
      async before(fixture) {
        for (const bytes of Object.values(await oddTrees(fixture))) {
          const tree = await storeObject(fixture.client, { cwd: fixture.work }, 'tree', bytes)
          const text = commitText({ tree, parents: [await idOf(fixture, 'main')] })
          await lay(fixture, await storeObject(fixture.client, { cwd: fixture.work }, 'commit', text))
        }
      },
    })
    await workAndMerge()
  })
})

/** Works as a run does, and merges the change. */
async function workAndMerge(): Promise<void> {
  const { wall } = at
  const commit = await at.commit()
  await mustGit(wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], at.box)
  const range = { repository: wall.quarantine, base: wall.base, commit, maxDiffBytes: 1_000_000 }
  expect(await inspectRange(wall.fixture.git, range)).toMatchObject({ files: 1, truncated: false })
  const forge = createLocalForge(wall.fixture.git, wall.fixture.forge)
  const given = { quarantine: wall.quarantine, base: wall.base, commit }
  await forge.git.publish({ ...given, branch: 'glovebox/x/1', actor: { id: 'user:grace' }, time: 0 })
  expect((await forge.git.merge(mergeOf(given))).kind).toBe('merge')
}

describe('a run', () => {
  const withOldTree = (bytes: (fixture: ForgeFixture) => Promise<Uint8Array>) =>
    openPushing({
      async before(fixture) {
        const tree = await storeObject(fixture.client, { cwd: fixture.work }, 'tree', await bytes(fixture))
        const text = commitText({ tree, parents: [await idOf(fixture, 'main')] })
        await lay(fixture, await storeObject(fixture.client, { cwd: fixture.work }, 'commit', text))
      },
    })
  const zeroPadded = async (fixture: ForgeFixture) =>
    treeOf(
      ['100644', 'README.md', await idOf(fixture, 'main:README.md')],
      ['040000', 'src', await idOf(fixture, 'main:src')],
    )

  async function pushRaw(commit: string, ...objects: string[]): Promise<string> {
    const pack = await at.packOf([commit, ...objects])
    return (await postPush(at.wall.url, pushBody([{ new: commit, ref: OWN_REF }], { pack }))).text
  }

  test('can restore a state with faults, and send the faulty objects again', async () => {
    at = await withOldTree(zeroPadded)
    const tree = await mustGit(at.wall.client, ['rev-parse', 'HEAD~1^{tree}'], at.box)
    const back = await mustGit(at.wall.client, ['commit-tree', '-p', 'HEAD', '-m', 'back', tree], at.box)
    expect(await pushRaw(back, tree)).toContain('unpack ok')
    expect(at.wall.last('git.pushed')).toMatchObject({ accepted: true })
    const forge = createLocalForge(at.wall.fixture.git, at.wall.fixture.forge)
    const given = { quarantine: at.wall.quarantine, base: at.wall.base, commit: back }
    await forge.git.publish({ ...given, branch: 'glovebox/x/1', actor: { id: 'user:grace' }, time: 0 })
    expect((await forge.git.merge(mergeOf(given))).kind).toBe('merge')
  })

  test('can keep a faulty .gitmodules of the forge, but can’t add another one', async () => {
    const modules = '[submodule "../x"]\n\tpath = x\n\turl = https://e.example/x\n'
    at = await openPushing({
      async before({ client, work }) {
        await commitFile(client, work, '.gitmodules', modules, 'modules')
        await mustGit(client, ['push', '--quiet', 'origin', 'main'], { cwd: work })
      },
    })
    const first = await at.commit('beside.txt')
    await mustGit(at.wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], at.box)
    expect(await at.ownCommit()).toBe(first)
    await at.commit('.gitmodules', `${modules}# and more\n`)
    const { code, stderr } = await at.push('origin', `HEAD:${OWN_REF}`)
    expect({ code, told: /gitmodulesName/.test(stderr) }).toEqual({ code: 1, told: true })
    expect(await at.ownCommit()).toBe(first)
  })

  test.each(Object.entries(ODD_COMMITS))('can’t add a commit with %s', async (_, parts) => {
    at = await openPushing()
    const tree = await mustGit(at.wall.client, ['rev-parse', 'HEAD^{tree}'], at.box)
    const text = commitText({ tree, parents: [at.wall.base], ...parts })
    const commit = await storeObject(at.wall.client, at.box, 'commit', text)
    expect(await pushRaw(commit)).not.toContain('unpack ok')
    await at.expectNothingTaken(/object [0-9a-f]{40}: \w+/)
  })

  test('can’t add a tree with the same fault as one of the forge', async () => {
    at = await withOldTree(zeroPadded)
    const [readme, folder] = await Promise.all(
      ['HEAD:README.md', 'HEAD:src'].map((name) => mustGit(at.wall.client, ['rev-parse', name], at.box)),
    )
    const bytes = treeOf(['100644', 'OTHER.md', readme as string], ['040000', 'src', folder as string])
    const tree = await storeObject(at.wall.client, at.box, 'tree', bytes)
    const commit = await mustGit(at.wall.client, ['commit-tree', '-p', 'HEAD', '-m', 'x', tree], at.box)
    expect(await pushRaw(commit, tree)).not.toContain('unpack ok')
    await at.expectNothingTaken(/zeroPaddedFilemode/)
  })

  test('can’t find out by a faulty object whether another branch of the mirror has it', async () => {
    at = await openPushing({
      async before(fixture) {
        const { client, work } = fixture
        const tree = await storeObject(client, { cwd: work }, 'tree', await zeroPadded(fixture))
        const parents = [await idOf(fixture, 'hidden')]
        const commit = await storeObject(client, { cwd: work }, 'commit', commitText({ tree, parents }))
        await mustGit(client, ['push', '--quiet', 'origin', `${commit}:refs/heads/hidden`], { cwd: work })
      },
    })
    const { fixture } = at.wall
    expect(await resolveRef(fixture.git, join(fixture.folder, 'mirror.git'), 'hidden')).toMatch(/^[0-9a-f]{40}$/)
    const tree = await storeObject(at.wall.client, at.box, 'tree', await zeroPadded(fixture))
    const commit = await mustGit(at.wall.client, ['commit-tree', '-p', 'HEAD', '-m', 'x', tree], at.box)
    expect(await pushRaw(commit, tree)).not.toContain('unpack ok')
    await at.expectNothingTaken(/zeroPaddedFilemode/)
  })
})
