// Pushes that a policy denies, and pushes whose decision or record fails.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mustGit } from './client-git.ts'
import { openPushing } from './pushing.ts'
import type { Pushing } from './pushing.ts'
import { postPush, pushBody } from './raw-push.ts'
import { OWN_REF } from './wall.ts'

let at: Pushing
beforeEach(async () => (at = await openPushing()))
afterEach(() => at[Symbol.asyncDispose]())

test('a refused push names the policy that denies it', async () => {
  await at.commit()
  const before = at.box
  at.wall.faults.deny = true
  const head = await mustGit(at.wall.client, ['rev-parse', 'HEAD'], before)
  const { text } = await postPush(
    at.wall.url,
    pushBody([{ new: head, ref: OWN_REF }], { pack: await at.packOf([head, `${head}^{tree}`, `${head}:fix.js`]) }),
  )
  expect(text).toContain('denied by policy no-git')
  await at.expectNothingTaken(/no-git/)
})

test('refuses the push if the record cannot be written', async () => {
  const head = await at.commit()
  const pack = await at.packOf([head, `${head}^{tree}`, `${head}:fix.js`])
  at.wall.faults.record = true
  const { text } = await postPush(at.wall.url, pushBody([{ new: head, ref: OWN_REF }], { pack }))
  expect(text).toContain('could not be recorded')
  expect(await at.ownCommit()).toBeNull()
  expect((await at.wall.client(['--git-dir', at.wall.quarantine, 'cat-file', '-e', head])).code).not.toBe(0)
  at.wall.faults.record = false
  const again = await postPush(at.wall.url, pushBody([{ new: head, ref: OWN_REF }], { pack }))
  expect(again.text).toContain(`ok ${OWN_REF}`)
  expect(await at.ownCommit()).toBe(head)
})

test('refuses the push if the decision fails', async () => {
  const head = await at.commit()
  const pack = await at.packOf([head, `${head}^{tree}`, `${head}:fix.js`])
  at.wall.faults.decide = true
  const { status, text } = await postPush(at.wall.url, pushBody([{ new: head, ref: OWN_REF }], { pack }))
  expect(status).toBe(503)
  expect(text).toContain('Glovebox: ')
  expect(await at.refs()).toEqual([`refs/heads/main ${at.wall.base}`])
  expect(await at.objectsAside()).toEqual([])
  expect((await at.push('origin', `HEAD:${OWN_REF}`)).code).not.toBe(0)
})
