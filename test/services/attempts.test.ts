// Decisions on a change that had several attempts, with real services, policies and store.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import type { Actor } from '../../src/domain/actor.ts'
import { type Change, firstAttempt } from '../../src/domain/change.ts'
import type { RunPlan } from '../../src/domain/run-plan.ts'
import { parseTask } from '../../src/domain/task/parse-task.ts'
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

describe('asking for another attempt', () => {
  /** A rejected change whose run left its request and its plan on the record. */
  async function rejectedChange(): Promise<Change> {
    const put = async (value: unknown) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      return (await instance.store.blobs.put(new TextEncoder().encode(text))).digest
    }
    const text = 'name: fix\ndescription: d\nmode: write\nsteps: [{ run: "true" }]\n'
    const task = { name: 'fix', source: 'repository' as const, file: 'fix.yaml', text: await put(text) }
    const repository = '/repos/storefront'
    const source = { repository, origin: 'https://git.example/x.git', ref: null, target: 'main', commit: OLD }
    const plan: z.input<typeof RunPlan> = {
      version: 1,
      source: { ...source, time: 1, base: null },
      task,
      argv: null,
      mode: 'write',
      inputs: {},
      limits: parseTask(text, 'fix.yaml').limits,
      agent: null,
      sandbox: 'fake',
      toolchain: {},
      hosts: { git: [], read: [] },
      notes: [],
      advisories: 'none',
      policies: { digest: task.text, ids: [], set: task.text },
      protectedPaths: [],
      budgets: { tasks: {} },
    }
    const request = await put({ work: { kind: 'task', name: 'fix', inputs: {} }, repository })
    const run = await instance.addRun({ status: 'succeeded', repository, request, plan: await put(plan) })
    const change = await instance.addChange({ run: run.id, repository, commit: NEW, pack: await put('a pack') })
    await as(EVE).rejectChange({ params: { change: change.id }, body: { reason: 'no tests' } })
    return change
  }

  const retry = ({ id }: Change, actor: Actor) =>
    as(actor).retryChange({ params: { change: id }, body: { comment: 'and shorter' } })
  const attemptsAt = async ({ id }: Change) => (await instance.store.changes.get(id))?.attempts ?? []

  test('records the commit, the plan and the comments before the run starts, and takes the task from the record', async () => {
    const change = await rejectedChange()
    const run = await retry(change, BOB)
    expect(run).toMatchObject({
      task: 'fix',
      taskSource: 'repository',
      mode: 'write',
      requester: BOB,
      status: 'queued',
    })
    const { attempt } = await instance.requestOf(run)
    expect(attempt).toMatchObject({ change: change.id, number: 2, start: NEW, pack: change.pack })
    const review = await instance.store.blobs.read(attempt!.review)
    expect(new TextDecoder().decode(review!)).toBe(
      'user:eve rejected the change:\n> no tests\n\nuser:bob commented:\n> and shorter\n',
    )
    const [requested] = await instance.store.events.list({ run: run.id, kinds: ['run.requested'] })
    expect(requested?.body).toMatchObject({ attempt: { change: change.id, number: 2, start: NEW } })
    expect(await attemptsAt(change)).toMatchObject([{ number: 1 }, { number: 2, run: run.id, commit: null }])
  })

  test('makes the caller a requester, also while the attempt runs and if it fails', async () => {
    const change = await rejectedChange()
    const run = await retry(change, BOB)
    await instance.store.transact((tx) => tx.changes.update(change.id, { commit: OLD }))
    await expect(approve(change, BOB, OLD)).rejects.toMatchObject({ code: 'refused' })
    await instance.finish(run.id, 'failed')
    await expect(approve(change, BOB, OLD)).rejects.toMatchObject({ code: 'refused' })
    expect((await approve(change, EVE, OLD)).change.status).toBe('approved')
  })

  test('only one of two simultaneous requests starts an attempt, and the next waits for its end', async () => {
    const change = await rejectedChange()
    const outcomes = await Promise.allSettled([retry(change, BOB), retry(change, EVE)])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    await expect(retry(change, EVE)).rejects.toThrow(/attempt 2 at change \S+ has not ended/)
    const attempts = await attemptsAt(change)
    expect(attempts).toHaveLength(2)
    await instance.finish(attempts[1]!.run, 'cancelled')
    await retry(change, EVE)
    expect(await attemptsAt(change)).toHaveLength(3)
  })

  test.each(['merging', 'merged'] as const)('is refused for a change that is %s', async (state) => {
    const change = await rejectedChange()
    await instance.store.transact((tx) => tx.changes.update(change.id, { state }))
    await expect(retry(change, BOB)).rejects.toThrow(`is ${state}, so there can't be another attempt`)
    expect(await attemptsAt(change)).toHaveLength(1)
  })

  test.each([
    ['read the change', 'forbid (principal == User::"bob", action == Action::"change.read", resource);'],
    [
      'start runs on its repository',
      'forbid (principal == User::"bob", action == Action::"run.start", resource == Repository::"/repos/storefront");',
    ],
  ])('is refused for a person who may not %s', async (_, policy) => {
    await instance[Symbol.asyncDispose]()
    instance = await openInstance({ policies: [`@id("not-bob") ${policy}`] })
    const change = await rejectedChange()
    await expect(retry(change, BOB)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('not-bob'),
    })
    expect(await attemptsAt(change)).toHaveLength(1)
    expect((await instance.store.runs.list({ status: ['queued'] })).items).toEqual([])
  })

  test('a request for a run cannot name an attempt by itself', async () => {
    const change = await rejectedChange()
    const { attempt, ...request } = await instance.requestOf(await retry(change, BOB))
    const body = { ...request, attempt } as Record<string, unknown>
    delete body['repeats']
    await expect(as(BOB).startRun({ body: body as never })).rejects.toMatchObject({ code: 'bad-input' })
  })
})
