import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mustGit } from './client-git.ts'
import { openPushing } from './pushing.ts'
import type { Pushing } from './pushing.ts'
import { EMPTY_PACK, postPush, pushBody } from './raw-push.ts'
import { PUSH_BRANCH } from '../../src/domain/run.ts'
import { OWN_REF } from './wall.ts'

let at: Pushing

describe('a run that may write', () => {
  beforeEach(async () => (at = await openPushing()))
  afterEach(() => at[Symbol.asyncDispose]())

  test('creates its own branch and fast-forwards it', async () => {
    const first = await at.commit()
    await mustGit(at.wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], at.box)
    expect(await at.ownCommit()).toBe(first)
    expect(at.wall.last('git.pushed')).toMatchObject({
      accepted: true,
      updates: [{ ref: OWN_REF, new: first, result: 'ok' }],
    })
    expect(at.wall.last('git.pushed').packBytes).toBeGreaterThan(100)
    const second = await at.commit('more.js')
    await mustGit(at.wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], at.box)
    expect(await at.ownCommit()).toBe(second)
    expect(at.wall.questions.findLast((question) => question.action === 'git.push')).toMatchObject({
      resource: { type: 'Ref', id: OWN_REF },
      context: { mode: 'write', ref: OWN_REF, allowedRef: OWN_REF, kind: 'update', forced: false },
    })
    await mustGit(at.wall.client, ['--git-dir', at.wall.quarantine, 'fsck', '--strict', '--connectivity-only'])
    expect(await at.objectsAside()).toEqual([])
  })

  test('pushes the commit it started from, which needs no objects', async () => {
    await mustGit(at.wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], at.box)
    expect(await at.ownCommit()).toBe(at.wall.base)
  })

  test('pushes a pack of megabytes, which git sends in chunks after an empty try', async () => {
    const big = await at.commit('big.bin', randomBytes(3 * 1024 * 1024))
    await mustGit(at.wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], at.box)
    expect(await at.ownCommit()).toBe(big)
    expect(
      at.wall.requests.some(({ line, body }) => line.includes('git-receive-pack') && body.equals(Buffer.from('0000'))),
    ).toBe(true)
  })

  test('can fetch back what it pushed', async () => {
    const pushed = await at.commit()
    await mustGit(at.wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], at.box)
    await mustGit(at.wall.client, ['clone', '--quiet', '--branch', PUSH_BRANCH, at.wall.url, 'again'])
    expect(await mustGit(at.wall.client, ['rev-parse', 'HEAD'], { cwd: join(at.wall.fixture.folder, 'again') })).toBe(
      pushed,
    )
  })

  test('brings back a file from deep in the history', async () => {
    await mustGit(at.wall.client, ['rm', '--quiet', '-r', 'src'], at.box)
    const removed = await at.commit('note.txt')
    await mustGit(at.wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], at.box)
    await mustGit(at.wall.client, ['checkout', '--quiet', at.wall.base, '--', 'src'], at.box)
    const restored = await at.commit('note.txt', 'restored\n')
    expect(restored).not.toBe(removed)
    await mustGit(at.wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], at.box)
    expect(await at.ownCommit()).toBe(restored)
  })

  test.each([
    ['the base branch', `HEAD:refs/heads/main`],
    ['a branch in the folder glovebox', 'HEAD:refs/heads/glovebox/bump/1'],
    ['a branch below its own', `HEAD:${OWN_REF}/more`],
    ['a tag', 'HEAD:refs/tags/v1'],
    ['a pull request', 'HEAD:refs/pull/1/head'],
    ['notes', 'HEAD:refs/notes/commits'],
    ['replace refs', 'HEAD:refs/replace/0123456789012345678901234567890123456789'],
  ])('cannot push %s', async (_what, refspec) => {
    await at.commit()
    const { code, stderr } = await at.push('origin', refspec)
    expect(code).toBe(1)
    expect(stderr).toContain(`! [remote rejected]`)
    expect(stderr).toContain(`(this run may push only ${OWN_REF})`)
    expect(stderr).toContain('remote: glovebox: this run may push')
    await at.expectNothingTaken(/this run may push only/)
  })

  test('cannot push HEAD itself', async () => {
    const { text } = await postPush(at.wall.url, pushBody([{ new: at.wall.base, ref: 'HEAD' }]))
    expect(text).toContain('ng HEAD this run may push only')
    await at.expectNothingTaken(/may push only/)
  })

  test('cannot delete a branch, not even its own', async () => {
    await at.commit()
    await mustGit(at.wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], at.box)
    const own = await at.push('origin', '--delete', PUSH_BRANCH)
    expect(own.stderr).toContain('[remote rejected]')
    expect(own.stderr).toContain('(a run cannot delete refs)')
    const main = await at.push('origin', '--delete', 'main')
    expect(main.stderr).toContain('(this run may push only')
    expect((await at.refs()).length).toBe(2)
    expect(
      at.wall.questions.some((question) => question.action === 'git.push' && question.context.kind === 'delete'),
    ).toBe(true)
  })

  test('cannot rewrite what it pushed', async () => {
    const first = await at.commit()
    await mustGit(at.wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], at.box)
    await mustGit(at.wall.client, ['reset', '--quiet', '--hard', at.wall.base], at.box)
    await at.commit('other.js')
    const { code, stderr } = await at.push('--force', 'origin', `HEAD:${OWN_REF}`)
    expect(code).toBe(1)
    expect(stderr).toContain('(non-fast-forward: a run cannot rewrite what it pushed)')
    expect(await at.ownCommit()).toBe(first)
    expect(at.wall.questions.at(-1)?.context.forced).toBe(true)
    expect(await at.objectsAside()).toEqual([])
  })

  test('cannot move its branch back', async () => {
    const first = await at.commit()
    await mustGit(at.wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], at.box)
    const { stderr } = await at.push('--force', 'origin', `${at.wall.base}:${OWN_REF}`)
    expect(stderr).toContain('non-fast-forward')
    expect(await at.ownCommit()).toBe(first)
  })

  test('several refs with one bad: none is taken', async () => {
    await at.commit()
    const { code, stderr } = await at.push('origin', `HEAD:${OWN_REF}`, 'HEAD:refs/heads/other')
    expect(code).toBe(1)
    expect(stderr.match(/\[remote rejected\]/g)?.length).toBe(2)
    expect(stderr).toContain('(not pushed, because another ref was refused)')
    await at.expectNothingTaken(/because another ref/)
  })

  test('cannot push an unrelated history', async () => {
    await mustGit(at.wall.client, ['switch', '--quiet', '--orphan', 'fresh'], at.box)
    await at.commit()
    const { stderr } = await at.push('origin', `HEAD:${OWN_REF}`)
    expect(stderr).toContain(`(it does not descend from ${at.wall.base.slice(0, 12)}`)
    await at.expectNothingTaken(/does not descend/)
  })

  test('cannot push an older commit of the base branch', async () => {
    const { stderr } = await at.push('origin', `HEAD~1:${OWN_REF}`)
    expect(stderr).toContain('does not descend')
    await at.expectNothingTaken(/does not descend/)
  })

  test('push options are refused by the client, and by the gateway if the client sends them', async () => {
    await at.commit()
    expect((await at.push('--push-option=ci.skip', 'origin', `HEAD:${OWN_REF}`)).stderr).toContain(
      'does not support push options',
    )
    const { text } = await postPush(
      at.wall.url,
      pushBody([{ new: at.wall.base, ref: OWN_REF }], { capabilities: 'report-status push-options' }),
    )
    expect(text).toContain('not offered here: push-options')
    await at.expectNothingTaken(/push-options/)
  })

  test('a push from a shallow clone is refused, with the cure', async () => {
    await mustGit(at.wall.client, ['clone', '--quiet', '--depth=1', at.wall.url, 'flat'])
    at.box = { cwd: join(at.wall.fixture.folder, 'flat') }
    await at.commit()
    expect((await at.push('origin', `HEAD:${OWN_REF}`)).stderr).toContain('git fetch --unshallow')
    await at.expectNothingTaken(/shallow/)
  })

  test('of two pushes at once, one is accepted and the other is told to fetch', async () => {
    const first = await at.commit('one.js')
    await mustGit(at.wall.client, ['reset', '--quiet', '--hard', at.wall.base], at.box)
    const second = await at.commit('two.js')
    const packs = [
      await at.packOf([first, `${first}^{tree}`, `${first}:one.js`]),
      await at.packOf([second, `${second}^{tree}`, `${second}:two.js`]),
    ]
    const answers = await Promise.all(
      [first, second].map((id, index) =>
        postPush(at.wall.url, pushBody([{ new: id, ref: OWN_REF }], { pack: packs[index] as Buffer })),
      ),
    )
    expect(answers.filter(({ text }) => text.includes(`ok ${OWN_REF}`))).toHaveLength(1)
    expect(answers.filter(({ text }) => text.includes('it already exists: fetch first'))).toHaveLength(1)
  })

  test('accepts a compressed push, and refuses one that decompresses without end', async () => {
    const gzip = await postPush(at.wall.url, pushBody([{ new: at.wall.base, ref: OWN_REF }]), { gzip: true })
    expect(gzip.text).toContain(`ok ${OWN_REF}`)
    const bomb = await postPush(
      at.wall.url,
      Buffer.concat([pushBody([{ new: at.wall.base, ref: 'refs/heads/x' }]), Buffer.alloc(64 * 1024 * 1024)]),
      { gzip: true },
    )
    expect(bomb.text).toContain('ng refs/heads/x')
    expect((await postPush(at.wall.url, EMPTY_PACK, { headers: { 'content-encoding': 'br' } })).status).toBe(400)
  })

  test('does not keep a credential that the client sends', async () => {
    await at.wall.client(['-c', 'http.extraHeader=Authorization: Basic c2VjcmV0', 'ls-remote', at.wall.url], at.box)
    expect(JSON.stringify(at.wall.events)).not.toContain('c2VjcmV0')
  })
})

describe('other runs', () => {
  afterEach(() => at[Symbol.asyncDispose]())

  test('a read-only run cannot push at all', async () => {
    at = await openPushing({ mode: 'read-only' })
    await at.commit()
    const { code, stderr } = await at.push('origin', `HEAD:${OWN_REF}`)
    expect(code).toBe(1)
    expect(stderr).toContain('(this run is read-only)')
    await at.expectNothingTaken(/read-only/)
  })

  test('a SHA-256 repository is fetched from and pushed into', async () => {
    at = await openPushing({ format: 'sha256' })
    const pushed = await at.commit()
    expect(pushed).toHaveLength(64)
    await mustGit(at.wall.client, ['push', '--quiet', 'origin', `HEAD:${OWN_REF}`], at.box)
    expect(await at.ownCommit()).toBe(pushed)
  })
})
