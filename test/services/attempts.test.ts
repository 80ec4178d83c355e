// Decisions on a change that had several attempts, with real services, policies and store.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Actor } from '../../src/domain/actor.ts'
import { type Change, firstAttempt } from '../../src/domain/change.ts'
import { clientOf } from './client-of.ts'
import { openInstance, type TestInstance } from './test-instance.ts'

const ADA = { id: 'user:ada' }
const BOB = { id: 'user:bob' }
const EVE = { id: 'user:eve' }
const OLD = 'a'.repeat(40)
const NEW = 'b'.repeat(40)

let instance: TestInstance
beforeEach(async () => {
  instance = await openInstance()
})
afterEach(() => instance[Symbol.asyncDispose]())

const as = (actor: Actor) => clientOf(instance.services, actor)

/** A change that `second` moved from OLD to NEW. */
async function revisedChange(second: Actor): Promise<Change> {
  const runs = [await instance.addRun({ status: 'succeeded' }), await instance.addRun({ status: 'succeeded' })]
  const [first, last] = runs.map(({ id }) => id) as [string, string]
  const made = { run: first, requester: ADA, commit: OLD, createdAt: 1 }
  const moved = { ...firstAttempt({ ...made, run: last, requester: second, commit: NEW }), number: 2, start: OLD }
  return instance.addChange({ ...made, run: last, commit: NEW, attempts: [firstAttempt(made), moved] })
}

function approve({ id }: Change, actor: Actor, commit?: string) {
  return as(actor).approveChange({ params: { change: id }, body: commit === undefined ? {} : { commit } })
}

test('an approval of a change with several attempts must name the commit that was read', async () => {
  const change = await revisedChange(ADA)
  await expect(approve(change, EVE)).rejects.toMatchObject({
    message: expect.stringContaining('must name the commit'),
    cure: expect.stringContaining(`--commit ${NEW.slice(0, 12)}`),
  })
  await expect(approve(change, EVE, OLD)).rejects.toThrow(/is at commit bbbbbbbbbbbb, not at aaaaaaa/)
  expect((await instance.store.changes.get(change.id))?.decisions).toEqual([])
  expect((await approve(change, EVE, NEW.slice(0, 12))).change.status).toBe('approved')
})

test('a rejection that names another commit than the current one is refused', async () => {
  const change = await revisedChange(ADA)
  const reject = (commit: string) => as(EVE).rejectChange({ params: { change: change.id }, body: { commit } })
  await expect(reject(OLD)).rejects.toThrow(/is at commit bbbbbbbbbbbb/)
  expect((await reject(NEW)).change.status).toBe('rejected')
})

test.each([
  ['the person who asked for the first attempt', ADA, BOB],
  ['the person who asked for the second attempt', BOB, BOB],
  ['the person whose service asked for the second attempt', BOB, { id: 'service:nightly', via: 'user:bob' }],
])('%s may not approve the change', async (_, approver, second) => {
  const change = await revisedChange(second)
  await expect(approve(change, approver, NEW)).rejects.toMatchObject({ code: 'refused' })
})

test('decisions on the commit of an earlier attempt count neither for the status nor for the gate', async () => {
  const change = await revisedChange(ADA)
  const earlier = { change: change.id, actor: EVE, reason: null, policies: ['people-decide'], time: 1, commit: OLD }
  await instance.store.transact((tx) => tx.decisions.insert({ ...earlier, decision: 'approved' }))
  await instance.store.transact((tx) => tx.decisions.insert({ ...earlier, decision: 'rejected' }))
  const detail = await as(EVE).getChange({ params: { change: change.id } })
  expect(detail.change.status).toBe('open')
  expect(detail.gate.filter(({ met }) => !met).map(({ name }) => name)).toEqual(['approved'])
  await expect(as(EVE).mergeChange({ params: { change: change.id } })).rejects.toMatchObject({ code: 'gate-closed' })
  expect((await as(EVE).listChanges({ query: {} })).changes[0]?.status).toBe('open')
})

test('every run of a change shows it', async () => {
  const change = await revisedChange(ADA)
  for (const { run } of change.attempts)
    expect((await as(EVE).getRun({ params: { run } })).change?.change.id).toBe(change.id)
})
