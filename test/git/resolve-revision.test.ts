// Tests how `--ref` resolves branches, tags and commits.
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { resolveRevision } from '../../src/git/resolve-revision.ts'
import type { Revision } from '../../src/git/resolve-revision.ts'
import { mustGit } from './client-git.ts'
import { openForgeBench } from './forge-bench.ts'
import type { ForgeBench } from './forge-bench.ts'
import { commitText, storeObject } from './odd-objects.ts'

let at: ForgeBench
let id: (name: string) => Promise<string>
beforeEach(async () => {
  at = await openForgeBench()
  id = (name) => at.inWork('rev-parse', name)
})
afterEach(() => at[Symbol.asyncDispose]())

async function resolve(ref: string): Promise<Revision> {
  await at.forge.git.updateMirror(at.mirror)
  return resolveRevision(at.fixture.git, at.mirror, ref, 'main')
}

test('a branch, by its short and its full name', async () => {
  const hidden = { commit: await id('hidden'), branch: 'hidden', note: null }
  expect(await resolve('hidden')).toEqual(hidden)
  expect(await resolve('refs/heads/hidden')).toEqual(hidden)
})

test('a tag of either kind; the change targets the default branch if that contains the tag', async () => {
  await at.inWork('tag', 'light', 'main~1')
  await at.inWork('tag', '-a', '-m', 'x', 'v1', 'main~1')
  await at.inWork('push', '--quiet', 'origin', '--tags')
  const commit = await id('main~1')
  for (const ref of ['light', 'v1', 'refs/tags/v1']) {
    const note = `${ref} is commit ${commit.slice(0, 12)} of main: a change will target main`
    expect(await resolve(ref)).toEqual({ commit, branch: 'main', note })
  }
})

test('a commit by its full or short id; the change targets the first branch that contains it', async () => {
  const hidden = await id('hidden')
  await at.inWork('push', '--quiet', 'origin', 'hidden:also', 'hidden:zebra')
  for (const ref of [hidden, hidden.slice(0, 7), hidden.slice(0, 12).toUpperCase()]) {
    expect(await resolve(ref)).toMatchObject({ commit: hidden, branch: 'also' })
  }
  expect((await resolve(hidden)).note).toContain('of 3 branches: a change will target also')
})

test('a tag that no branch contains; the change can only be published', async () => {
  await at.inWork('tag', 'alone', 'hidden')
  await at.inWork('push', '--quiet', 'origin', 'alone', ':hidden')
  expect(await resolve('alone')).toMatchObject({
    branch: 'main',
    note: expect.stringContaining('which no branch contains: a change on top of it can be published but not merged'),
  })
})

test('a branch wins over a tag of the same name, and a name over an id', async () => {
  const [first, second] = [await id('main~1'), await id('main')]
  await at.inWork('tag', 'both', 'main~1')
  await at.inWork('push', '--quiet', 'origin', 'both', 'main:refs/heads/both', `main:refs/heads/${first}`)
  expect(await resolve('both')).toMatchObject({ commit: second, branch: 'both', note: null })
  expect(await resolve('refs/tags/both')).toMatchObject({ commit: first })
  expect(await resolve(first)).toMatchObject({ commit: second, branch: first })
})

test('refuses removed commits, other objects and revision expressions', async () => {
  const { client } = at.fixture
  await at.forge.git.updateMirror(at.mirror)
  const [hidden, file, tree] = [await id('hidden'), await id('main:README.md'), await id('main^{tree}')]
  await at.inWork('push', '--quiet', 'origin', ':hidden')
  expect(await mustGit(client, ['--git-dir', at.mirror, 'cat-file', '-t', hidden])).toBe('commit')
  const wrong = [
    'main~1',
    'main^{tree}',
    'HEAD',
    '--all',
    ':/first',
    'main@{0}',
    'abc',
    'f'.repeat(40),
    'f'.repeat(64),
    '',
  ]
  for (const ref of [hidden, hidden.slice(0, 10), file, tree, ...wrong]) {
    await expect(resolve(ref), ref).rejects.toMatchObject({ code: 'unknown-ref', message: /no branch, tag or commit/ })
  }
})

test('refuses a short id that matches several commits, and names them', async () => {
  const { client, work } = at.fixture
  const tree = await id('main^{tree}')
  const ids: string[] = []
  for (const text of twoAlike(tree, 7)) ids.push(await storeObject(client, { cwd: work }, 'commit', text))
  const [first = '', second = ''] = ids
  await at.inWork('push', '--quiet', 'origin', `${first}:refs/heads/first`)
  expect(await resolve(first.slice(0, 7))).toMatchObject({ commit: first })
  await at.inWork('push', '--quiet', 'origin', `${second}:refs/heads/second`)
  await expect(resolve(first.slice(0, 7))).rejects.toMatchObject({
    code: 'unknown-ref',
    message: expect.stringMatching(new RegExp(`${first}.*give more digits|${second}.*give more digits`)),
  })
  expect(await resolve(second)).toMatchObject({ commit: second })
})

/** Finds two commits whose ids begin with the same digits. For seven digits that takes some ten thousand commits. */
function twoAlike(tree: string, digits: number): [string, string] {
  const seen = new Map<string, string>()
  for (let message = 0; ; message++) {
    const text = commitText({ tree, message: String(message) })
    const hash = createHash('sha1')
      .update(`commit ${Buffer.byteLength(text)}\0${text}`)
      .digest('hex')
    const other = seen.get(hash.slice(0, digits))
    if (other !== undefined) return [other, text]
    seen.set(hash.slice(0, digits), text)
  }
}
