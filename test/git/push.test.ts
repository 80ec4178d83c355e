import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { commitOf } from '../../src/git/quarantine.ts'
import { mustGit } from './client-git.ts'
import { commitFile } from './forge-fixture.ts'
import { deltaBomb, EMPTY_PACK, postPush, pushBody } from './raw-push.ts'
import { openWall, OWN_REF, RUN_BRANCH } from './wall.ts'
import type { Wall } from './wall.ts'

let wall: Wall
let box: { cwd: string }

async function open(options: Parameters<typeof openWall>[0] = {}): Promise<void> {
  wall = await openWall(options)
  await mustGit(wall.client, ['clone', '--quiet', wall.url, 'box'])
  box = { cwd: join(wall.fixture.folder, 'box') }
}
const commit = (path = 'fix.js', content: string | Uint8Array = 'fixed\n') =>
  commitFile(wall.client, box.cwd, path, content, 'fix')
const push = (...args: string[]) => wall.client(['push', ...args], box)
const ownCommit = () => commitOf(wall.fixture.git, wall.quarantine, RUN_BRANCH)
const refs = async () =>
  (
    await mustGit(wall.client, ['--git-dir', wall.quarantine, 'for-each-ref', '--format=%(refname) %(objectname)'])
  ).split('\n')
const objectsAside = async () => (await readdir(wall.quarantine)).filter((name) => name.startsWith('incoming-'))

/** Nothing moved, nothing stayed behind, and the record says so. */
async function expectNothingTaken(reason: RegExp): Promise<void> {
  expect(await refs()).toEqual([`refs/heads/main ${wall.base}`])
  expect(await objectsAside()).toEqual([])
  const pushed = wall.last('git.pushed')
  expect(pushed.accepted).toBe(false)
  expect(pushed.updates.some((update) => reason.test(update.result))).toBe(true)
}

describe('a run that may write', () => {
  beforeEach(() => open())
  afterEach(() => wall[Symbol.asyncDispose]())

  test('creates its own branch and fast-forwards it', async () => {
    const first = await commit()
    await mustGit(wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], box)
    expect(await ownCommit()).toBe(first)
    expect(wall.last('git.pushed')).toMatchObject({
      accepted: true,
      updates: [{ ref: OWN_REF, new: first, result: 'ok' }],
    })
    expect(wall.last('git.pushed').packBytes).toBeGreaterThan(100)
    const second = await commit('more.js')
    await mustGit(wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], box)
    expect(await ownCommit()).toBe(second)
    expect(wall.questions.findLast((question) => question.action === 'git.push')).toMatchObject({
      resource: { type: 'Ref', id: OWN_REF },
      context: { mode: 'write', ref: OWN_REF, allowedRef: OWN_REF, kind: 'update', forced: false },
    })
    await mustGit(wall.client, ['--git-dir', wall.quarantine, 'fsck', '--strict', '--connectivity-only'])
    expect(await objectsAside()).toEqual([])
  })

  test('pushes the commit it started from, which needs no objects', async () => {
    await mustGit(wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], box)
    expect(await ownCommit()).toBe(wall.base)
  })

  test('pushes a pack of megabytes, which git sends in chunks after an empty try', async () => {
    const big = await commit('big.bin', randomBytes(3 * 1024 * 1024))
    await mustGit(wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], box)
    expect(await ownCommit()).toBe(big)
    expect(
      wall.requests.some(({ line, body }) => line.includes('git-receive-pack') && body.equals(Buffer.from('0000'))),
    ).toBe(true)
  })

  test('can fetch back what it pushed', async () => {
    const pushed = await commit()
    await mustGit(wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], box)
    await mustGit(wall.client, ['clone', '--quiet', '--branch', RUN_BRANCH, wall.url, 'again'])
    expect(await mustGit(wall.client, ['rev-parse', 'HEAD'], { cwd: join(wall.fixture.folder, 'again') })).toBe(pushed)
  })

  test('brings back a file from deep in the history', async () => {
    await mustGit(wall.client, ['rm', '--quiet', '-r', 'src'], box)
    const removed = await commit('note.txt')
    await mustGit(wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], box)
    await mustGit(wall.client, ['checkout', '--quiet', wall.base, '--', 'src'], box)
    const restored = await commit('note.txt', 'restored\n')
    expect(restored).not.toBe(removed)
    await mustGit(wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], box)
    expect(await ownCommit()).toBe(restored)
  })

  test.each([
    ['the base branch', `HEAD:refs/heads/main`],
    ['the branch of another run', 'HEAD:refs/heads/glovebox/bump/0123456789abcdefghjm'],
    ['a branch below its own', `HEAD:${OWN_REF}/more`],
    ['a tag', 'HEAD:refs/tags/v1'],
    ['a pull request', 'HEAD:refs/pull/1/head'],
    ['notes', 'HEAD:refs/notes/commits'],
    ['replace refs', 'HEAD:refs/replace/0123456789012345678901234567890123456789'],
  ])('cannot push %s', async (_what, refspec) => {
    await commit()
    const { code, stderr } = await push('origin', refspec)
    expect(code).toBe(1)
    expect(stderr).toContain(`! [remote rejected]`)
    expect(stderr).toContain(`(this run may push only ${OWN_REF})`)
    expect(stderr).toContain('remote: glovebox: this run may push')
    await expectNothingTaken(/this run may push only/)
  })

  test('cannot push HEAD itself', async () => {
    const { text } = await postPush(wall.url, pushBody([{ new: wall.base, ref: 'HEAD' }]))
    expect(text).toContain('ng HEAD this run may push only')
    await expectNothingTaken(/may push only/)
  })

  test('cannot delete a branch, not even its own', async () => {
    await commit()
    await mustGit(wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], box)
    const own = await push('origin', '--delete', RUN_BRANCH)
    expect(own.stderr).toContain('[remote rejected]')
    expect(own.stderr).toContain('(a run cannot delete refs)')
    const main = await push('origin', '--delete', 'main')
    expect(main.stderr).toContain('(this run may push only')
    expect((await refs()).length).toBe(2)
    expect(
      wall.questions.some((question) => question.action === 'git.push' && question.context.kind === 'delete'),
    ).toBe(true)
  })

  test('cannot rewrite what it pushed', async () => {
    const first = await commit()
    await mustGit(wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], box)
    await mustGit(wall.client, ['reset', '--quiet', '--hard', wall.base], box)
    await commit('other.js')
    const { code, stderr } = await push('--force', 'origin', `HEAD:${OWN_REF}`)
    expect(code).toBe(1)
    expect(stderr).toContain('(non-fast-forward: a run cannot rewrite what it pushed)')
    expect(await ownCommit()).toBe(first)
    expect(wall.questions.at(-1)?.context.forced).toBe(true)
    expect(await objectsAside()).toEqual([])
  })

  test('cannot move its branch back', async () => {
    const first = await commit()
    await mustGit(wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], box)
    const { stderr } = await push('--force', 'origin', `${wall.base}:${OWN_REF}`)
    expect(stderr).toContain('non-fast-forward')
    expect(await ownCommit()).toBe(first)
  })

  test('several refs with one bad: none is taken', async () => {
    await commit()
    const { code, stderr } = await push('origin', `HEAD:${OWN_REF}`, 'HEAD:refs/heads/other')
    expect(code).toBe(1)
    expect(stderr.match(/\[remote rejected\]/g)?.length).toBe(2)
    expect(stderr).toContain('(nothing was pushed, because another ref was refused)')
    await expectNothingTaken(/because another ref/)
  })

  test('cannot push a history of its own', async () => {
    await mustGit(wall.client, ['switch', '--quiet', '--orphan', 'fresh'], box)
    await commit()
    const { stderr } = await push('origin', `HEAD:${OWN_REF}`)
    expect(stderr).toContain(`(it does not descend from ${wall.base.slice(0, 12)}`)
    await expectNothingTaken(/does not descend/)
  })

  test('cannot push an older commit of the base branch', async () => {
    const { stderr } = await push('origin', `HEAD~1:${OWN_REF}`)
    expect(stderr).toContain('does not descend')
    await expectNothingTaken(/does not descend/)
  })

  test('push options are refused: by the client, and when it insists', async () => {
    await commit()
    expect((await push('--push-option=ci.skip', 'origin', `HEAD:${OWN_REF}`)).stderr).toContain(
      'does not support push options',
    )
    const { text } = await postPush(
      wall.url,
      pushBody([{ new: wall.base, ref: OWN_REF }], { capabilities: 'report-status push-options' }),
    )
    expect(text).toContain('not offered here: push-options')
    await expectNothingTaken(/push-options/)
  })

  test('a shallow clone is told what to do', async () => {
    await mustGit(wall.client, ['clone', '--quiet', '--depth=1', wall.url, 'flat'])
    box = { cwd: join(wall.fixture.folder, 'flat') }
    await commit()
    expect((await push('origin', `HEAD:${OWN_REF}`)).stderr).toContain('git fetch --unshallow')
    await expectNothingTaken(/shallow/)
  })

  test('cannot reach a hidden commit, tree or file of the mirror by naming its id', async () => {
    const { client, fixture } = wall
    const of = (what: string) => mustGit(client, ['rev-parse', what], { cwd: fixture.work })
    const [hiddenCommit, hiddenTree, hiddenBlob] = [
      await of('hidden'),
      await of('hidden^{tree}'),
      await of('hidden:secret.txt'),
    ]
    const make = async (text: string, type = 'commit') =>
      mustGit(client, ['hash-object', '-t', type, '-w', '--stdin', '--literally'], { ...box, input: text })
    const person = 'Eve <eve@example.com> 1700000000 +0000'
    const commitText = (tree: string, parents: string[]) =>
      `tree ${tree}\n${parents.map((id) => `parent ${id}\n`).join('')}author ${person}\ncommitter ${person}\n\nx\n`
    const baseTree = await of('main^{tree}')
    const entry = Buffer.concat([Buffer.from('100644 stolen\0'), Buffer.from(hiddenBlob, 'hex')])
    const thiefTree = await mustGit(client, ['hash-object', '-t', 'tree', '-w', '--stdin', '--literally'], {
      ...box,
      input: entry,
    })
    const attempts: [string, string[]][] = [
      [await make(commitText(baseTree, [wall.base, hiddenCommit])), []],
      [await make(commitText(hiddenTree, [wall.base])), []],
      [await make(commitText(thiefTree, [wall.base])), [thiefTree]],
    ]
    for (const [id, more] of attempts) {
      const pack = await packOf([id, ...more])
      const { text } = await postPush(wall.url, pushBody([{ new: id, ref: OWN_REF }], { pack }))
      expect(text).toMatch(/ng refs\/heads\/\S+ the commits need objects that were not sent/)
      await expectNothingTaken(/not sent/)
    }
  })

  test('whether the mirror holds a file cannot be asked by pushing a tree that names it', async () => {
    const { client, fixture } = wall
    const secret = await mustGit(client, ['rev-parse', 'hidden:secret.txt'], { cwd: fixture.work })
    const literally = (type: string, input: string | Uint8Array) =>
      mustGit(client, ['hash-object', '-t', type, '-w', '--stdin', '--literally'], { ...box, input })
    const answerFor = async (blob: string) => {
      const tree = await literally('tree', Buffer.concat([Buffer.from('100644 guess\0'), Buffer.from(blob, 'hex')]))
      const person = 'Eve <eve@example.com> 1700000000 +0000'
      const id = await literally(
        'commit',
        `tree ${tree}\nparent ${wall.base}\nauthor ${person}\ncommitter ${person}\n\nx\n`,
      )
      const pack = await packOf([id, tree])
      return (await postPush(wall.url, pushBody([{ new: id, ref: OWN_REF }], { pack }))).text
    }
    const [there, absent, otherType] = [
      await answerFor(secret),
      await answerFor('c'.repeat(40)),
      await answerFor(wall.base),
    ]
    expect(there).toContain('not sent')
    expect(absent).toBe(there)
    expect(otherType).toBe(there)
  })

  test('a delta against an object that was not sent is not completed', async () => {
    await commit('src/cart.js', 'let items = 1\nlet total = 2\n\n\n\n\n\nexport { items, total }\n'.repeat(30))
    const id = await mustGit(wall.client, ['rev-parse', 'HEAD'], box)
    const more = await commit(
      'src/cart.js',
      'let items = 2\nlet total = 2\n\n\n\n\n\nexport { items, total }\n'.repeat(30),
    )
    const input = `${more}\n^${id}\n`
    const pack = await wall.client(['pack-objects', '--revs', '--thin', '--stdout', '--quiet', '--delta-base-offset'], {
      ...box,
      input,
    })
    const { text } = await postPush(
      wall.url,
      pushBody([{ new: more, ref: OWN_REF }], { pack: Buffer.from(pack.stdout, 'latin1') }),
    )
    expect(text).toContain('unpack ')
    expect(text).not.toContain('unpack ok')
    await expectNothingTaken(/unresolved|delta/i)
  })

  test('an object that git calls dangerous is refused', async () => {
    const entry = Buffer.concat([
      Buffer.from('100644 .git\0'),
      Buffer.from(await mustGit(wall.client, ['rev-parse', 'HEAD:README.md'], box), 'hex'),
    ])
    const tree = await mustGit(wall.client, ['hash-object', '-t', 'tree', '-w', '--stdin', '--literally'], {
      ...box,
      input: entry,
    })
    const id = await mustGit(wall.client, ['commit-tree', '-p', wall.base, '-m', 'x', tree], box)
    const { text } = await postPush(wall.url, pushBody([{ new: id, ref: OWN_REF }], { pack: await packOf([id, tree]) }))
    expect(text).not.toContain('unpack ok')
    await expectNothingTaken(/fsck|\.git|object/i)
  })

  test('with policies that deny, the refusal names the policy', async () => {
    await commit()
    const before = box
    wall.faults.deny = true
    const head = await mustGit(wall.client, ['rev-parse', 'HEAD'], before)
    const { text } = await postPush(
      wall.url,
      pushBody([{ new: head, ref: OWN_REF }], { pack: await packOf([head, `${head}^{tree}`, `${head}:fix.js`]) }),
    )
    expect(text).toContain('denied by policy no-git')
    await expectNothingTaken(/no-git/)
  })

  test('with a record that cannot be written, nothing is taken, and git says so', async () => {
    const head = await commit()
    const pack = await packOf([head, `${head}^{tree}`, `${head}:fix.js`])
    wall.faults.record = true
    const { text } = await postPush(wall.url, pushBody([{ new: head, ref: OWN_REF }], { pack }))
    expect(text).toContain('could not be recorded')
    expect(await ownCommit()).toBeNull()
    expect((await wall.client(['--git-dir', wall.quarantine, 'cat-file', '-e', head])).code).not.toBe(0)
    wall.faults.record = false
    const again = await postPush(wall.url, pushBody([{ new: head, ref: OWN_REF }], { pack }))
    expect(again.text).toContain(`ok ${OWN_REF}`)
    expect(await ownCommit()).toBe(head)
  })

  test('with a decision that cannot be made, nothing is taken', async () => {
    const head = await commit()
    const pack = await packOf([head, `${head}^{tree}`, `${head}:fix.js`])
    wall.faults.decide = true
    const { status, text } = await postPush(wall.url, pushBody([{ new: head, ref: OWN_REF }], { pack }))
    expect(status).toBe(503)
    expect(text).toContain('Glovebox: ')
    expect(await refs()).toEqual([`refs/heads/main ${wall.base}`])
    expect(await objectsAside()).toEqual([])
    expect((await push('origin', `HEAD:${OWN_REF}`)).code).not.toBe(0)
  })

  test('two pushes at once: one is taken, the other told to fetch', async () => {
    const first = await commit('one.js')
    await mustGit(wall.client, ['reset', '--quiet', '--hard', wall.base], box)
    const second = await commit('two.js')
    const packs = [
      await packOf([first, `${first}^{tree}`, `${first}:one.js`]),
      await packOf([second, `${second}^{tree}`, `${second}:two.js`]),
    ]
    const answers = await Promise.all(
      [first, second].map((id, index) =>
        postPush(wall.url, pushBody([{ new: id, ref: OWN_REF }], { pack: packs[index] as Buffer })),
      ),
    )
    expect(answers.filter(({ text }) => text.includes(`ok ${OWN_REF}`))).toHaveLength(1)
    expect(answers.filter(({ text }) => text.includes('it exists already: fetch first'))).toHaveLength(1)
  })

  test('a compressed push is read, and one that grows without end is not', async () => {
    const gzip = await postPush(wall.url, pushBody([{ new: wall.base, ref: OWN_REF }]), { gzip: true })
    expect(gzip.text).toContain(`ok ${OWN_REF}`)
    const bomb = await postPush(
      wall.url,
      Buffer.concat([pushBody([{ new: wall.base, ref: 'refs/heads/x' }]), Buffer.alloc(64 * 1024 * 1024)]),
      { gzip: true },
    )
    expect(bomb.text).toContain('ng refs/heads/x')
    expect((await postPush(wall.url, EMPTY_PACK, { headers: { 'content-encoding': 'br' } })).status).toBe(400)
  })

  test('a credential that the client sends is not kept', async () => {
    await wall.client(['-c', 'http.extraHeader=Authorization: Basic c2VjcmV0', 'ls-remote', wall.url], box)
    expect(JSON.stringify(wall.events)).not.toContain('c2VjcmV0')
  })

  async function packOf(objects: string[]): Promise<Buffer> {
    const ids = await Promise.all(objects.map((name) => mustGit(wall.client, ['rev-parse', name], box)))
    const { stdout } = await wall.client(['pack-objects', '--stdout', '--quiet'], {
      ...box,
      input: ids.map((id) => `${id}\n`).join(''),
    })
    return Buffer.from(stdout, 'latin1')
  }
})

describe('other runs', () => {
  afterEach(() => wall[Symbol.asyncDispose]())

  test('a read-only run cannot push at all', async () => {
    await open({ mode: 'read-only' })
    await commit()
    const { code, stderr } = await push('origin', `HEAD:${OWN_REF}`)
    expect(code).toBe(1)
    expect(stderr).toContain('(this run is read-only)')
    await expectNothingTaken(/read-only/)
  })

  test('a pack over the limit is refused', async () => {
    await open({ limits: { packBytes: 200_000 } })
    await commit('big.bin', randomBytes(2 * 1024 * 1024))
    const { code, stderr } = await push('origin', `HEAD:${OWN_REF}`)
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/over 200000 bytes/)
    await expectNothingTaken(/over 200000 bytes/)
  })

  test('an object that unpacks to more than the limit is refused', async () => {
    await open({ limits: { objectBytes: 4 * 1024 * 1024 } })
    await commit('zeros.bin', Buffer.alloc(40 * 1024 * 1024))
    expect((await push('origin', `HEAD:${OWN_REF}`)).code).not.toBe(0)
    await expectNothingTaken(/over|limit|memory|allocate/i)
  })

  test('a delta that claims a huge result is refused before it is made', async () => {
    await open({ limits: { objectBytes: 8 * 1024 * 1024 } })
    const { status, text } = await postPush(
      wall.url,
      pushBody([{ new: wall.base, ref: OWN_REF }], { pack: deltaBomb(3 * 1024 ** 3) }),
    )
    expect(status).toBe(200)
    expect(text).not.toContain('unpack ok')
    await expectNothingTaken(/allocate|limit/)
  })

  test('too many objects are refused by the header of the pack', async () => {
    await open({ limits: { objects: 2 } })
    await commit('a/b/c')
    expect((await push('origin', `HEAD:${OWN_REF}`)).stderr).toContain('over 2 objects')
    await expectNothingTaken(/over 2 objects/)
  })

  test('a SHA-256 repository is fetched from and pushed into', async () => {
    wall = await openWall({ format: 'sha256' })
    await mustGit(wall.client, ['clone', '--quiet', wall.url, 'box'])
    box = { cwd: join(wall.fixture.folder, 'box') }
    const pushed = await commit()
    expect(pushed).toHaveLength(64)
    await mustGit(wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], box)
    expect(await ownCommit()).toBe(pushed)
  })
})
