// Permission requests of an agent, answered by policy or a person, with the real store and policies.
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PermissionRequest } from '../../src/agents/types.ts'
import type { Actor } from '../../src/domain/actor.ts'
import type { EventBody } from '../../src/domain/event.ts'
import type { Run } from '../../src/domain/run.ts'
import { loadPolicies } from '../../src/policy/load-policies.ts'
import { createPolicyEngine } from '../../src/policy/policy-engine.ts'
import type { PolicyEngine } from '../../src/policy/types.ts'
import type { AskDesk } from '../../src/runner/asks/ask-desk.ts'
import { openAskDesk } from '../../src/runner/asks/ask-desk.ts'
import { cancelled } from '../../src/runner/stop-reason.ts'
import { createServices } from '../../src/services/create-services.ts'
import type { ServiceParts } from '../../src/services/parts.ts'
import { recoverRuns } from '../../src/runner/recover-runs.ts'
import type { Client } from '../../src/contract/client.ts'
import type { Ask } from '../../src/domain/ask.ts'
import { clientOf } from './client-of.ts'
import type { Store } from '../../src/store/types.ts'
import { aRun, anId, freshFolder, MACHINE, open, insertRun } from '../store/sample-records.ts'

const ADA: Actor = { id: 'user:ada' }
const BOB: Actor = { id: 'user:bob' }
const NEVER = new AbortController().signal

let folder: Awaited<ReturnType<typeof freshFolder>>
let store: Store
let run: Run
let now: number

beforeEach(async () => {
  folder = await freshFolder()
  store = await open(folder.path)
  run = aRun({ status: 'running' })
  now = MACHINE.now()
  await insertRun(store, run)
})
afterEach(async () => {
  await store[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

function engine(enable: string[] = ['ask-before-acting']): PolicyEngine {
  const { inForce, schema } = loadPolicies({
    builtInFolder: join(import.meta.dirname, '../../policies'),
    extraFolders: [],
    enable,
  })
  return createPolicyEngine({ policies: inForce, schema })
}

interface Desk {
  desk: AskDesk
  /** As a person or a service does it. */
  answerAsk(actor: Actor, ask: string, answer: 'allowed' | 'denied', reason: string | null): Promise<Ask>
  as(actor: Actor): Client
  permit(request?: Partial<PermissionRequest>, signal?: AbortSignal): { ask: string; answer: Promise<boolean> }
}

/** The clock stands still unless a test moves it; the timer of the deadline is real. */
function openDesk({ policy = engine(), askMs = 600_000 }: { policy?: PolicyEngine; askMs?: number } = {}): Desk {
  const ids = { ...MACHINE, now: () => now }
  const desk = openAskDesk({ store, policy, ids }, askMs)
  const parts = {
    store,
    policy,
    ids,
    declaredServices: ['nightly'],
  } as Partial<ServiceParts> as ServiceParts
  const services = createServices(parts)
  const as = (actor: Actor): Client => clientOf(services, actor)
  return {
    desk,
    as,
    answerAsk: (actor, ask, answer, reason) =>
      as(actor)[answer === 'allowed' ? 'allowAsk' : 'denyAsk']({ params: { ask }, body: { reason } }),
    permit(request, signal = NEVER) {
      const ask = anId()
      const whole = {
        ask,
        call: 'c1',
        title: 'Run tests',
        tool: 'execute',
        paths: [],
        command: 'npm test',
        complete: true,
        ...request,
      }
      return { ask, answer: desk.permit(run, 1, 'claude-code', whole, signal) }
    },
  }
}

async function opened(ask: string): Promise<void> {
  for await (const event of store.events.follow({ run: run.id, kinds: ['ask.opened'] }, AbortSignal.timeout(20_000)))
    if (event.kind === 'ask.opened' && event.body.ask === ask) return
  throw new Error('it was not put to a person')
}

async function decisions(): Promise<{ actor: string; body: EventBody<'ask.decided'> }[]> {
  const events = await store.events.list({ run: run.id, kinds: ['ask.decided'] })
  return events.flatMap((event) => (event.kind === 'ask.decided' ? [{ actor: event.actor.id, body: event.body }] : []))
}

test('allows a request that policy permits at once, and records the policy', async () => {
  const { permit } = openDesk({ policy: engine([]) })
  const { ask, answer } = permit({ command: 'rm -rf node_modules' })
  expect(await answer).toBe(true)
  expect(await decisions()).toEqual([
    {
      actor: 'system:runner',
      body: { step: 1, ask, outcome: 'allowed', by: 'policy', reasons: ['act-in-the-box'], note: null },
    },
  ])
  expect((await store.asks.list()).items).toEqual([])
})

test('denies a request that cannot be decided, and records the reason', async () => {
  const policy = { ...engine([]), decide: () => ({ allowed: false, reasons: [], errors: ['broken'] }) }
  const { permit } = openDesk({ policy })
  expect(await permit().answer).toBe(false)
  expect(await permit({ tool: '' }).answer).toBe(false)
  expect((await decisions())[0]?.body).toMatchObject({ outcome: 'denied', note: 'error while deciding: broken' })
  expect((await store.events.summary(run.id)).denied).toBe(2)
})

test('denies a command that is too long for the policies instead of cutting it', async () => {
  const { permit } = openDesk({ policy: engine([]) })
  expect(await permit({ command: `${'a'.repeat(70_000)}; deploy` }).answer).toBe(false)
  expect((await decisions())[0]?.body.note).toContain('the question is larger than')
})

test('denies a request with more files than can be judged, whatever the policies permit', async () => {
  const { permit } = openDesk({ policy: engine([]) })
  expect(await permit({ complete: false }).answer).toBe(false)
  const [decided] = await decisions()
  expect(decided?.body).toMatchObject({ outcome: 'denied', note: 'it names more files than the policies can judge' })
})

test.each([
  ['allowed', true],
  ['denied', false],
] as const)('a person answers %s: the agent gets this answer, and the record names the person', async (word, given) => {
  const { permit, answerAsk, as } = openDesk()
  const command = 'printf "\u0000\u001b[31m"\nnpm test'
  const { ask, answer } = permit({ command, options: [{ id: 'y', name: 'Yes', kind: 'allow_once' }] })
  await opened(ask)
  expect((await as(BOB).listAsks({ query: { status: ['open'] } })).asks).toMatchObject([
    { id: ask, run: run.id, step: 1, agent: 'claude-code', command, status: 'open', deadline: now + 600_000 },
  ])
  const answered = await answerAsk(BOB, ask, word, 'looked at it')
  expect(answered).toMatchObject({ status: word, decidedBy: BOB, note: 'looked at it' })
  expect(await answer).toBe(given)
  const body = { step: 1, ask, outcome: word, by: 'person', reasons: ['people-answer'], note: 'looked at it' }
  expect(await decisions()).toEqual([{ actor: BOB.id, body }])
  await expect(answerAsk(ADA, ask, 'allowed', null)).rejects.toMatchObject({
    code: 'wrong-state',
    message: expect.stringContaining(`user:bob has already ${word} it`),
  })
})

test('the requester of the run may answer its agent; a service may not, whoever uses it', async () => {
  const { permit, answerAsk } = openDesk()
  const { ask, answer } = permit()
  await opened(ask)
  const service = { id: 'service:nightly', via: 'user:bob' }
  await expect(answerAsk(service, ask, 'allowed', null)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('services-never-decide'),
  })
  await expect(answerAsk({ id: `run:${run.id}` }, ask, 'allowed', null)).rejects.toMatchObject({
    code: 'unauthenticated',
  })
  expect((await store.asks.get(ask))?.status).toBe('open')
  await answerAsk(ADA, ask, 'allowed', null)
  expect(await answer).toBe(true)
})

test('denies a request that nobody answers in time; a later answer is a conflict', async () => {
  const { permit, answerAsk } = openDesk({ askMs: 1 })
  const { ask, answer } = permit()
  expect(await answer).toBe(false)
  expect(await store.asks.get(ask)).toMatchObject({ status: 'expired', decidedBy: { id: 'system:runner' } })
  expect((await decisions()).map(({ body }) => [body.outcome, body.by])).toEqual([['denied', 'deadline']])
  await expect(answerAsk(BOB, ask, 'allowed', null)).rejects.toMatchObject({
    code: 'wrong-state',
    message: expect.stringContaining('deadline has passed'),
  })
})

test('refuses an answer after the deadline, even if the timer is late', async () => {
  const { permit, answerAsk } = openDesk()
  const end = new AbortController()
  const { ask, answer } = permit({}, end.signal)
  await opened(ask)
  now += 600_000
  await expect(answerAsk(BOB, ask, 'allowed', null)).rejects.toMatchObject({ code: 'wrong-state' })
  end.abort(cancelled('user:bob'))
  expect(await answer).toBe(false)
})

test('accepts exactly one of several racing answers, and the agent gets the same one', async () => {
  const { permit, answerAsk } = openDesk({ askMs: 20 })
  const rounds = Array.from({ length: 24 }, async (_, index) => {
    const { ask, answer } = permit()
    await opened(ask)
    await new Promise((resolve) => setTimeout(resolve, index))
    const tried = await Promise.allSettled([answerAsk(ADA, ask, 'allowed', null), answerAsk(BOB, ask, 'denied', null)])
    const taken = tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value.status] : []))
    expect(taken.length).toBeLessThanOrEqual(1)
    expect(await answer).toBe(taken[0] === 'allowed')
    expect((await store.asks.get(ask))?.status).toBe(taken[0] ?? 'expired')
  })
  await Promise.all(rounds)
  const asks = (await decisions()).map(({ body }) => body.ask)
  expect(new Set(asks).size).toBe(24)
  expect(asks).toHaveLength(24)
})

test('the end of a run denies its open requests', async () => {
  const { permit, answerAsk } = openDesk()
  const end = new AbortController()
  const { ask, answer } = permit({}, end.signal)
  await opened(ask)
  end.abort(cancelled('user:bob'))
  expect(await answer).toBe(false)
  expect((await decisions())[0]?.body).toMatchObject({ outcome: 'denied', by: 'end', note: 'cancelled by user:bob' })
  await expect(answerAsk(BOB, ask, 'allowed', null)).rejects.toMatchObject({ code: 'wrong-state' })
  const late = permit({}, end.signal)
  expect(await late.answer).toBe(false)
})

test('denies requests over a bound, and answering one request does not answer another', async () => {
  const { permit } = openDesk()
  const end = new AbortController()
  const asked = Array.from({ length: 33 }, () => permit({}, end.signal))
  const first = await Promise.race(asked.map(({ answer }) => answer))
  expect(first).toBe(false)
  expect((await store.asks.list({ status: ['open'], run: run.id })).items).toHaveLength(32)
  end.abort(cancelled('user:bob'))
  expect(await Promise.all(asked.map(({ answer }) => answer))).toEqual(asked.map(() => false))
  expect(await decisions()).toHaveLength(33)
})

test('denies a second request with the same id, while the first still waits for its own answer', async () => {
  const { permit, answerAsk } = openDesk()
  const { ask, answer } = permit()
  await opened(ask)
  expect(await permit({ ask }).answer).toBe(false)
  await answerAsk(BOB, ask, 'allowed', null)
  expect(await answer).toBe(true)
})

test('refuses to answer a request of a finished run', async () => {
  const { permit, answerAsk } = openDesk()
  const end = new AbortController()
  const { ask, answer } = permit({}, end.signal)
  await opened(ask)
  await store.transact((tx) => tx.runs.update(run.id, { status: 'failed' }))
  await expect(answerAsk(BOB, ask, 'allowed', null)).rejects.toMatchObject({
    code: 'wrong-state',
    message: expect.stringContaining('no longer at work'),
  })
  end.abort(cancelled('test'))
  expect(await answer).toBe(false)
})

test('refuses to answer a request once the lease of its worker has expired', async () => {
  const { permit, answerAsk } = openDesk()
  const { ask, answer } = permit()
  await opened(ask)
  const claim = await store.transact((tx) => tx.claims.take(run.id, 'worker', now - 2000, 1000))
  await expect(answerAsk(BOB, ask, 'allowed', null)).rejects.toMatchObject({ code: 'wrong-state' })
  await store.transact((tx) => tx.claims.renew(claim!, now, 1000))
  await answerAsk(BOB, ask, 'denied', null)
  expect(await answer).toBe(false)
})

test('the agent gets an answer that another process commits', async () => {
  const { permit } = openDesk()
  const { ask, answer } = permit()
  await opened(ask)
  // As another process would: nothing in this process is notified.
  const elsewhere = await open(folder.path)
  const other = { store: elsewhere, policy: engine(), ids: { ...MACHINE, now: () => now }, declaredServices: [] }
  const services = createServices(other as Partial<ServiceParts> as ServiceParts)
  await clientOf(services, BOB).allowAsk({ params: { ask }, body: { reason: null } })
  expect(await answer).toBe(true)
  await elsewhere[Symbol.asyncDispose]()
})

test('after a crash, denies the open requests before anything else starts', async () => {
  const { permit } = openDesk()
  const end = new AbortController()
  const { ask, answer } = permit({}, end.signal)
  await opened(ask)
  await store.transact((tx) => tx.claims.take(run.id, 'that crashed', now - 60_000, 30_000))
  const parts = { store, ids: MACHINE, sandboxes: folder.path, sandboxKinds: new Map(), workerIsGone: () => false }
  await recoverRuns(parts, 'the next one')
  expect(await store.asks.get(ask)).toMatchObject({
    status: 'denied',
    note: expect.stringContaining('worker of the run ended'),
  })
  const events = await store.events.list({ run: run.id })
  expect(events.map(({ kind }) => kind)).toEqual(['ask.opened', 'ask.decided', 'coverage.reported', 'run.finished'])
  end.abort(cancelled('test'))
  expect(await answer).toBe(false)
  expect(await decisions()).toHaveLength(1)
})
