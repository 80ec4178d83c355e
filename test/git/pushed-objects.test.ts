// Limits on the objects of a pushed pack and on their size.
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mustGit } from './client-git.ts'
import { openPushing } from './pushing.ts'
import type { Pushing } from './pushing.ts'
import { deltaBomb, postPush, pushBody } from './raw-push.ts'
import { OWN_REF } from './wall.ts'

let at: Pushing

describe('objects that are refused', () => {
  beforeEach(async () => (at = await openPushing()))
  afterEach(() => at[Symbol.asyncDispose]())

  test('cannot reach a hidden commit, tree or file of the mirror by naming its id', async () => {
    const { client, fixture } = at.wall
    const of = (what: string) => mustGit(client, ['rev-parse', what], { cwd: fixture.work })
    const [hiddenCommit, hiddenTree, hiddenBlob] = [
      await of('hidden'),
      await of('hidden^{tree}'),
      await of('hidden:secret.txt'),
    ]
    const make = async (text: string, type = 'commit') =>
      mustGit(client, ['hash-object', '-t', type, '-w', '--stdin', '--literally'], { ...at.box, input: text })
    const person = 'Eve <eve@example.com> 1700000000 +0000'
    const commitText = (tree: string, parents: string[]) =>
      `tree ${tree}\n${parents.map((id) => `parent ${id}\n`).join('')}author ${person}\ncommitter ${person}\n\nx\n`
    const baseTree = await of('main^{tree}')
    const entry = Buffer.concat([Buffer.from('100644 stolen\0'), Buffer.from(hiddenBlob, 'hex')])
    const thiefTree = await mustGit(client, ['hash-object', '-t', 'tree', '-w', '--stdin', '--literally'], {
      ...at.box,
      input: entry,
    })
    const attempts: [string, string[]][] = [
      [await make(commitText(baseTree, [at.wall.base, hiddenCommit])), []],
      [await make(commitText(hiddenTree, [at.wall.base])), []],
      [await make(commitText(thiefTree, [at.wall.base])), [thiefTree]],
    ]
    for (const [id, more] of attempts) {
      const pack = await at.packOf([id, ...more])
      const { text } = await postPush(at.wall.url, pushBody([{ new: id, ref: OWN_REF }], { pack }))
      expect(text).toMatch(/ng refs\/heads\/\S+ the commits need objects that were not sent/)
      await at.expectNothingTaken(/not sent/)
    }
  })

  test('a pushed tree does not reveal whether the mirror has a file that it names', async () => {
    const { client, fixture } = at.wall
    const secret = await mustGit(client, ['rev-parse', 'hidden:secret.txt'], { cwd: fixture.work })
    const literally = (type: string, input: string | Uint8Array) =>
      mustGit(client, ['hash-object', '-t', type, '-w', '--stdin', '--literally'], { ...at.box, input })
    const answerFor = async (blob: string) => {
      const tree = await literally('tree', Buffer.concat([Buffer.from('100644 guess\0'), Buffer.from(blob, 'hex')]))
      const person = 'Eve <eve@example.com> 1700000000 +0000'
      const id = await literally(
        'commit',
        `tree ${tree}\nparent ${at.wall.base}\nauthor ${person}\ncommitter ${person}\n\nx\n`,
      )
      const pack = await at.packOf([id, tree])
      return (await postPush(at.wall.url, pushBody([{ new: id, ref: OWN_REF }], { pack }))).text
    }
    const [there, absent, otherType] = [
      await answerFor(secret),
      await answerFor('c'.repeat(40)),
      await answerFor(at.wall.base),
    ]
    expect(there).toContain('not sent')
    expect(absent).toBe(there)
    expect(otherType).toBe(there)
  })

  test('refuses a delta against an object that was not sent', async () => {
    await at.commit('src/cart.js', 'let items = 1\nlet total = 2\n\n\n\n\n\nexport { items, total }\n'.repeat(30))
    const id = await mustGit(at.wall.client, ['rev-parse', 'HEAD'], at.box)
    const more = await at.commit(
      'src/cart.js',
      'let items = 2\nlet total = 2\n\n\n\n\n\nexport { items, total }\n'.repeat(30),
    )
    const input = `${more}\n^${id}\n`
    const pack = await at.wall.client(
      ['pack-objects', '--revs', '--thin', '--stdout', '--quiet', '--delta-base-offset'],
      {
        ...at.box,
        input,
      },
    )
    const { text } = await postPush(
      at.wall.url,
      pushBody([{ new: more, ref: OWN_REF }], { pack: Buffer.from(pack.stdout, 'latin1') }),
    )
    expect(text).toContain('unpack ')
    expect(text).not.toContain('unpack ok')
    await at.expectNothingTaken(/unresolved|delta/i)
  })

  test('refuses an object that fails the checks of git', async () => {
    const entry = Buffer.concat([
      Buffer.from('100644 .git\0'),
      Buffer.from(await mustGit(at.wall.client, ['rev-parse', 'HEAD:README.md'], at.box), 'hex'),
    ])
    const tree = await mustGit(at.wall.client, ['hash-object', '-t', 'tree', '-w', '--stdin', '--literally'], {
      ...at.box,
      input: entry,
    })
    const id = await mustGit(at.wall.client, ['commit-tree', '-p', at.wall.base, '-m', 'x', tree], at.box)
    const { text } = await postPush(
      at.wall.url,
      pushBody([{ new: id, ref: OWN_REF }], { pack: await at.packOf([id, tree]) }),
    )
    expect(text).not.toContain('unpack ok')
    await at.expectNothingTaken(/fsck|\.git|object/i)
  })
})

describe('limits of a pack', () => {
  afterEach(() => at[Symbol.asyncDispose]())

  test('a pack over the limit is refused', async () => {
    at = await openPushing({ limits: { packBytes: 200_000 } })
    await at.commit('big.bin', randomBytes(2 * 1024 * 1024))
    const { code, stderr } = await at.push('origin', `HEAD:${OWN_REF}`)
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/over 200000 bytes/)
    await at.expectNothingTaken(/over 200000 bytes/)
  })

  test('an object that unpacks to more than the limit is refused', async () => {
    at = await openPushing({ limits: { objectBytes: 4 * 1024 * 1024 } })
    await at.commit('zeros.bin', Buffer.alloc(40 * 1024 * 1024))
    expect((await at.push('origin', `HEAD:${OWN_REF}`)).code).not.toBe(0)
    await at.expectNothingTaken(/over|limit|memory|allocate/i)
  })

  test('refuses a delta that claims a huge result, before it is unpacked', async () => {
    at = await openPushing({ limits: { objectBytes: 8 * 1024 * 1024 } })
    const { status, text } = await postPush(
      at.wall.url,
      pushBody([{ new: at.wall.base, ref: OWN_REF }], { pack: deltaBomb(3 * 1024 ** 3) }),
    )
    expect(status).toBe(200)
    expect(text).not.toContain('unpack ok')
    await at.expectNothingTaken(/allocate|limit/)
  })

  test('refuses too many objects as soon as the header of the pack claims them', async () => {
    at = await openPushing({ limits: { objects: 2 } })
    await at.commit('a/b/c')
    expect((await at.push('origin', `HEAD:${OWN_REF}`)).stderr).toContain('over 2 objects')
    await at.expectNothingTaken(/over 2 objects/)
  })
})
