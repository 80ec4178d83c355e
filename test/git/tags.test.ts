// Tags of the forge: a run can read those in its history and cannot push any.
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { updateMirror } from '../../src/git/mirror.ts'
import { MAX_TAGS } from '../../src/git/shown-tags.ts'
import { mustGit } from './client-git.ts'
import type { ForgeFixture } from './forge-fixture.ts'
import { commitFile } from './forge-fixture.ts'
import { openPushing } from './pushing.ts'
import type { Pushing } from './pushing.ts'
import { openWall, OWN_REF } from './wall.ts'
import type { Wall } from './wall.ts'

let at: Pushing | null = null
let wall: Wall | null = null
afterEach(async () => {
  await at?.[Symbol.asyncDispose]()
  await wall?.[Symbol.asyncDispose]()
  at = wall = null
})

async function tagForge({ client, work }: ForgeFixture): Promise<void> {
  const tag = (...args: string[]) => mustGit(client, ['tag', ...args], { cwd: work })
  await tag('light', 'main~1')
  await tag('-a', '-m', 'the first', 'v1.0', 'main~1')
  await tag('of-hidden', 'hidden')
  await tag('-a', '-m', 'the secret plan', 'plan', 'hidden')
  await tag('a-file', 'hidden:secret.txt')
  await mustGit(client, ['push', '--quiet', 'origin', '--tags'], { cwd: work })
}

test('a clone has the tags of its history, and `git describe` works', async () => {
  at = await openPushing({ before: tagForge })
  expect(await mustGit(at.wall.client, ['tag', '--list'], at.box)).toBe('light\nv1.0')
  expect(await mustGit(at.wall.client, ['cat-file', '-t', 'v1.0'], at.box)).toBe('tag')
  expect(await mustGit(at.wall.client, ['describe'], at.box)).toMatch(/^v1\.0-1-g[0-9a-f]{7,}$/)
  await at.commit()
  await mustGit(at.wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], at.box)
})

test('a tag of another history can’t be fetched, by name or by id', async () => {
  at = await openPushing({ before: tagForge })
  const { client, fixture } = at.wall
  const inWork = (name: string) => mustGit(client, ['rev-parse', name], { cwd: fixture.work })
  for (const wanted of ['refs/tags/plan', await inWork('plan'), await inWork('of-hidden'), await inWork('a-file')]) {
    const { code, stderr } = await client(['fetch', 'origin', wanted], at.box)
    expect({ code, told: /not our ref|couldn't find remote ref/.test(stderr) }).toEqual({ code: 128, told: true })
  }
})

test('a tag of the forge can neither be pushed again, nor moved, nor deleted', async () => {
  at = await openPushing({ before: tagForge })
  await at.commit()
  for (const refspec of ['HEAD:refs/tags/v2', '+HEAD:refs/tags/light', ':refs/tags/light', '+v1.0:refs/tags/light']) {
    expect((await at.push('origin', refspec)).stderr).toContain('this run may push only')
  }
  expect((await at.refs()).filter((ref) => ref.startsWith('refs/tags/')).length).toBe(2)
})

test('a forge with very many tags shows the newest, and the clone works', { timeout: 60_000 }, async () => {
  wall = await openWall({
    async before({ client, forge, work }) {
      const ids: string[] = []
      for (const at of [1, 2]) ids.push(await commitFile(client, work, 'n', `${at}\n`, `commit ${at}`))
      await mustGit(client, ['push', '--quiet', 'origin', 'main'], { cwd: work })
      const date = (at: number) => `tagger Ada <ada@example.com> ${1_600_000_000 + at} +0000`
      const texts = Array.from({ length: MAX_TAGS + 100 }, (_, at) => {
        const message = `object ${ids[at % 2]}\ntype commit\ntag v${at}\n${date(at)}\n\nx\n`
        return `tag v${at}\nfrom ${ids[at % 2]}\n${date(at)}\ndata ${Buffer.byteLength(message)}\n${message}\n`
      })
      await mustGit(client, ['--git-dir', forge, 'fast-import', '--quiet'], { input: texts.join('') })
    },
  })
  await mustGit(wall.client, ['clone', '--quiet', wall.url, 'box'])
  const tags = await mustGit(wall.client, ['tag', '--list'], { cwd: join(wall.fixture.folder, 'box') })
  const numbers = tags.split('\n').map((name) => Number(name.slice(1)))
  expect(numbers.length).toBe(MAX_TAGS)
  expect(Math.min(...numbers)).toBe(100)
})

test('the mirror follows tags that are moved and removed', async () => {
  at = await openPushing({ before: tagForge })
  const { client, fixture } = at.wall
  const mirror = join(fixture.folder, 'mirror.git')
  const tags = () => mustGit(client, ['--git-dir', mirror, 'for-each-ref', '--format=%(refname:short)', 'refs/tags'])
  expect((await tags()).split('\n')).toEqual(['a-file', 'light', 'of-hidden', 'plan', 'v1.0'])
  await mustGit(client, ['push', '--quiet', '--force', 'origin', 'main:refs/tags/light', ':v1.0'], {
    cwd: fixture.work,
  })
  await updateMirror(fixture.git, mirror, { address: fixture.forge, kind: 'local' })
  expect((await tags()).split('\n')).toEqual(['a-file', 'light', 'of-hidden', 'plan'])
  expect(await mustGit(client, ['--git-dir', mirror, 'rev-parse', 'light'])).toBe(at.wall.base)
})
