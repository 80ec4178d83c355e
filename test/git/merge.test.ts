// Merging and publishing a change in the forge.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLocalForge } from '../../src/forges/local.ts'
import { mergeOf, openForgeBench } from './forge-bench.ts'
import type { ForgeBench } from './forge-bench.ts'

let at: ForgeBench
beforeEach(async () => (at = await openForgeBench()))
afterEach(() => at[Symbol.asyncDispose]())

describe('merge', () => {
  test('always makes a merge commit, with message, author and date', async () => {
    const given = await at.proposal()
    const tip = await at.inForge('rev-parse', 'main')
    const { commit, kind } = await at.forge.git.merge(mergeOf(given))
    expect(kind).toBe('merge')
    expect(await at.inForge('rev-parse', 'main')).toBe(commit)
    expect(await at.inForge('log', '-1', '--format=%P|%an|%ae|%cn|%at|%ct', commit)).toBe(
      `${tip} ${given.commit}|grace|grace@glovebox.invalid|Glovebox|1700000123|1700000123`,
    )
    expect(await at.inForge('log', '-1', '--format=%(trailers:key=Approved-by,valueonly)', commit)).toBe('user:grace')
    expect(await readdir(join(at.fixture.folder, 'host', 'scratch'))).toEqual([])
  })

  test('merges with commits that others made meanwhile', async () => {
    const given = await at.proposal('src/cart.js', 'let items = 1\nlet total = 2\n\n\n\n\n\nexport { items, total }\n')
    await at.advanceMain('src/cart.js', 'let items = 5\nlet total = 2\n\n\n\n\n\nexport { items }\n')
    const { commit } = await at.forge.git.merge(mergeOf(given))
    expect(await at.inForge('show', `${commit}:src/cart.js`)).toBe(
      'let items = 5\nlet total = 2\n\n\n\n\n\nexport { items, total }',
    )
  })

  test('a conflict names the paths and changes nothing', async () => {
    const given = await at.proposal('src/cart.js', 'ours\n')
    const tip = await at.advanceMain('src/cart.js', 'theirs\n')
    await expect(at.forge.git.merge(mergeOf(given))).rejects.toMatchObject({
      code: 'conflict',
      message: 'both sides changed: src/cart.js',
    })
    expect(await at.inForge('rev-parse', 'main')).toBe(tip)
  })

  test('retries once if the target moves during the merge', async () => {
    const given = await at.proposal()
    const raced = await advanceDuringPush(1)
    const { commit } = await at.forge.git.merge(mergeOf(given))
    expect(await at.inForge('rev-parse', `${commit}^1`)).toBe(await at.inForge('rev-parse', 'raced-1'))
    expect(raced()).toBe(2)
  })

  test('gives up if the target keeps moving', async () => {
    const given = await at.proposal()
    const raced = await advanceDuringPush(5)
    await expect(at.forge.git.merge(mergeOf(given))).rejects.toMatchObject({ code: 'moved' })
    expect(raced()).toBe(2)
  })

  test('does not merge the same change twice', async () => {
    const given = await at.proposal()
    const first = await at.forge.git.merge(mergeOf(given))
    await at.inWork('pull', '--quiet', '--ff-only', 'origin', 'main')
    await at.advanceMain('later.txt', 'later\n')
    expect(await at.forge.git.merge(mergeOf(given))).toEqual(first)
  })

  test('reports an unknown target', async () => {
    const given = await at.proposal()
    await expect(at.forge.git.merge(mergeOf(given, 'nowhere'))).rejects.toMatchObject({ code: 'unknown-ref' })
    await expect(at.forge.git.merge(mergeOf(given, '--delete'))).rejects.toMatchObject({ code: 'refused' })
  })

  /** Moves main right before each of the first pushes. Returns a function that counts the pushes. */
  async function advanceDuringPush(times: number): Promise<() => number> {
    let pushes = 0
    const { git } = at.fixture
    const racing = {
      ...git,
      async run(command: Parameters<typeof git.run>[0]) {
        if (command.argv[0] === 'push') {
          pushes++
          if (pushes <= times) {
            await at.advanceMain(`race-${pushes}.txt`, 'race\n')
            await at.inForge('branch', `raced-${pushes}`, 'main')
          }
        }
        return git.run(command)
      },
    }
    at.forge = createLocalForge(racing, at.fixture.forge)
    return () => pushes
  }
})

describe('publish', () => {
  test('pushes the commit as a branch, again if need be', async () => {
    const given = await at.proposal()
    const push = () => at.forge.git.publish({ ...given, branch: 'glovebox/x/1', actor: { id: 'user:grace' }, time: 0 })
    await push()
    await push()
    expect(await at.inForge('rev-parse', 'glovebox/x/1')).toBe(given.commit)
  })

  test('never moves an existing branch, not even forwards: that would be a merge', async () => {
    const given = await at.proposal()
    const main = await at.inForge('rev-parse', 'main')
    const publishing = at.forge.git.publish({ ...given, branch: 'main', actor: { id: 'user:grace' }, time: 0 })
    await expect(publishing).rejects.toMatchObject({ code: 'moved', message: expect.stringContaining('already') })
    expect(await at.inForge('rev-parse', 'main')).toBe(main)
  })

  test.each([
    ['glovebox', 'glovebox/x/1'],
    ['glovebox/x/1/more', 'glovebox/x/1'],
  ])('names the branch %s that is in the way', async (there, branch) => {
    const given = await at.proposal()
    await at.inWork('push', '--quiet', 'origin', `main:refs/heads/${there}`)
    await expect(
      at.forge.git.publish({ ...given, branch, actor: { id: 'user:grace' }, time: 0 }),
    ).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining(`${branch} and ${there} side by side`),
    })
  })

  test('never takes commits off an existing branch', async () => {
    const given = await at.proposal()
    const hidden = await at.inForge('rev-parse', 'hidden')
    await expect(
      at.forge.git.publish({ ...given, branch: 'hidden', actor: { id: 'user:grace' }, time: 0 }),
    ).rejects.toMatchObject({ code: 'moved' })
    expect(await at.inForge('rev-parse', 'hidden')).toBe(hidden)
  })
})
