import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { createClient, type WireRequest } from '../contract/client.ts'
import { ACTOR_HEADER, API_ROOT, type Endpoint, json, NOTHING } from '../contract/endpoint.ts'
import type { Actor } from '../domain/actor.ts'
import { ownerCaller } from '../domain/caller.ts'
import { openInstance, type TestInstance } from '../../test/services/test-instance.ts'
import { bindEndpoints, createApp } from './app.ts'
import { authenticateOwner } from './authenticate.ts'
import { MAX_BODY_BYTES } from './read-call.ts'

const ALICE: Actor = { id: 'user:alice' }
const BOB: Actor = { id: 'user:bob' }
const RUN = '0123456789abcdefghj0'
const OTHER = '0123456789abcdefghj1'

let instance: TestInstance
beforeEach(async () => {
  instance = await openInstance()
})
afterEach(() => instance[Symbol.asyncDispose]())

function open(actor: Actor = ALICE) {
  const { services } = instance
  const failures: unknown[] = []
  const app = createApp({
    services,
    authenticate: authenticateOwner,
    version: '1.2.3',
    onFailure: (error) => failures.push(error),
  })
  const headers = { [ACTOR_HEADER]: JSON.stringify(actor) }
  const send = ({ target, method, body, headers: more, signal }: WireRequest) =>
    app.fetch(
      new Request(`http://localhost${target}`, {
        method,
        body,
        headers: { ...headers, ...more },
        ...(signal ? { signal } : {}),
      }),
    )
  const raw = (target: string, init: RequestInit = {}) =>
    app.request(API_ROOT + target, { ...init, headers: { ...headers, ...init.headers } })
  return { client: createClient(async (request) => send(request)), raw, app, failures }
}

const START = {
  work: { kind: 'task' as const, name: 'fix-vulnerabilities', inputs: { level: 'high' } },
  repository: '/repos/storefront',
}

test('starts, lists, follows and reads a run through the client, as the actor', async () => {
  const { client } = open()
  instance.onQueued = async (run) => {
    await instance.emit(run.id, 'stage.started', { stage: 'prepare' })
    await instance.finish(run.id, 'succeeded')
  }
  const run = await client.startRun({ body: START })
  expect(run.status).toBe('queued')
  const kinds: string[] = []
  for await (const event of await client.readEvents({ params: { run: run.id }, query: { follow: true } }))
    kinds.push(event.kind)
  expect(kinds).toEqual(['run.requested', 'stage.started', 'run.finished'])
  expect((await client.getRun({ params: { run: 'latest' } })).run.status).toBe('succeeded')
  expect((await client.listRuns({ query: { status: ['succeeded'] } })).runs.map((one) => one.id)).toEqual([run.id])
  expect((await client.listRuns({ query: { status: ['failed', 'error'] } })).runs).toEqual([])
  expect(instance.asked.every(({ caller }) => caller.actor.id === 'user:alice')).toBe(true)
})

test('filters events by kind and by a cursor', async () => {
  const { client } = open()
  await instance.addRun({ id: RUN })
  for (const stage of ['prepare', 'open', 'work']) await instance.emit(RUN, 'stage.started', { stage })
  await instance.emit(RUN, 'platform.failed', { detail: 'x' })
  const seen = async (query: Parameters<typeof client.readEvents>[0]['query']) => {
    const seqs: number[] = []
    for await (const event of await client.readEvents({ params: { run: RUN }, query: query ?? {} }))
      seqs.push(event.seq)
    return seqs
  }
  expect(await seen({})).toEqual([1, 2, 3, 4])
  expect(await seen({ after: 2 })).toEqual([3, 4])
  expect(await seen({ kind: ['platform.failed'] })).toEqual([4])
  expect(await seen({ kind: ['platform.failed', 'stage.started'], after: 1 })).toEqual([2, 3, 4])
})

test('sends output byte for byte, and never as a type that a browser would render', async () => {
  const { client, raw } = open()
  await instance.addRun({ id: RUN })
  const bytes = Uint8Array.from({ length: 5000 }, (_, index) => index % 256)
  await instance.addOutput(RUN, 2, { stderr: bytes })
  const download = await client.readOutput({ params: { run: RUN, step: 2 }, query: { stream: 'stderr' } })
  const parts: Uint8Array[] = []
  for await (const part of download.bytes) parts.push(part)
  expect(download.length).toBe(5000)
  expect(Buffer.concat(parts).equals(bytes)).toBe(true)
  await instance.addArtifact(RUN, 'a";x=\r\n\u202e.html', new TextEncoder().encode('<script>'))
  const response = await raw(`/runs/${RUN}/artifacts/${encodeURIComponent('a";x=\r\n\u202e.html')}`)
  expect(response.headers.get('content-type')).toBe('application/octet-stream')
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(response.headers.get('content-disposition')).toBe(
    `attachment; filename*=UTF-8''a%22%3Bx%3D%0D%0A%E2%80%AE.html`,
  )
})

test('accepts `latest`, and the first or last four characters or more of an id', async () => {
  const { client } = open()
  await instance.addRun({ id: RUN })
  await instance.addRun({ id: 'zzzz456789abcdefghj1' })
  for (const run of [RUN, '0123', RUN.slice(0, 19), RUN.slice(-4), RUN.slice(-8), RUN.slice(1)])
    expect((await client.getRun({ params: { run } })).run.id).toBe(RUN)
  expect((await client.getRun({ params: { run: 'latest' } })).run.id).toBe('zzzz456789abcdefghj1')
})

test('refuses to approve `latest` while several changes wait: it may not be the one that the person read', async () => {
  const { client } = open()
  for (const id of [RUN, OTHER]) {
    await instance.addRun({ id, status: 'succeeded', requester: BOB })
    await instance.addChange({ id, run: id, requester: BOB }, `of ${id}`)
  }
  const approving = client.approveChange({ params: { change: 'latest' }, body: { reason: null } })
  await expect(approving).rejects.toMatchObject({ code: 'ambiguous', details: expect.arrayContaining([OTHER, RUN]) })
  await client.rejectChange({ params: { change: RUN }, body: { reason: null } })
  const detail = await client.approveChange({ params: { change: 'latest' }, body: { reason: null } })
  expect(detail.change).toMatchObject({ id: OTHER, status: 'approved' })
})

test.each([
  ['0123', 'ambiguous'],
  ['9999', 'not-found'],
  ['99999999999999999999', 'not-found'],
  ['012', 'bad-input'],
  ['0123456789abcdefghj01', 'bad-input'],
  ['ILOU', 'bad-input'],
  ['..', 'not-found'],
  ['%2e%2e', 'bad-input'],
])('refuses the reference "%s" as %s', async (reference, code) => {
  const { client } = open()
  await instance.addRun({ id: RUN })
  await instance.addRun({ id: OTHER })
  await expect(client.getRun({ params: { run: reference } })).rejects.toMatchObject({ code })
})

test('answers an ambiguous prefix with the matching ids', async () => {
  const { client } = open()
  await instance.addRun({ id: RUN })
  await instance.addRun({ id: OTHER })
  await expect(client.getRun({ params: { run: '0123' } })).rejects.toMatchObject({
    details: [OTHER, RUN],
    cure: 'give more characters',
  })
})

test('`latest` without any run says that there is no run yet', async () => {
  await expect(open().client.getRun({ params: { run: 'latest' } })).rejects.toMatchObject({
    code: 'not-found',
    message: 'There is no run yet',
  })
})

test('answers a request that policy denies with 403 and the reason', async () => {
  const { client, raw } = open({ id: 'service:undeclared', via: 'user:bob' })
  await expect(client.startRun({ body: START })).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('service:undeclared may not start run on repository /repos/storefront'),
  })
  expect((await raw('/runs')).status).toBe(403)
})

test('a failure in the middle of a stream ends it as an error', async () => {
  await instance.addRun({ id: RUN })
  await instance.emit(RUN, 'stage.started', { stage: 'prepare' })
  const { readEvents } = instance.services
  instance.services.readEvents = async (call) => {
    const feed = await readEvents(call)
    async function* broken(): typeof feed.items {
      yield* feed.items
      throw new Error('the disk is gone')
    }
    return { ...feed, items: broken() }
  }
  const { client } = open()
  const kinds: string[] = []
  const read = async () => {
    for await (const event of await client.readEvents({ params: { run: RUN } })) kinds.push(event.kind)
  }
  await expect(read()).rejects.toMatchObject({ code: 'internal', message: 'Glovebox failed: the disk is gone' })
})

test('a reader that stops following a run releases its event stream', async () => {
  await instance.addRun({ id: RUN })
  await instance.emit(RUN, 'stage.started', { stage: 'prepare' })
  const { readEvents } = instance.services
  let released = false
  instance.services.readEvents = async (call) => {
    const feed = await readEvents(call)
    async function* watched(): typeof feed.items {
      try {
        yield* feed.items
      } finally {
        released = true
      }
    }
    return { ...feed, items: watched() }
  }
  for await (const _ of await open().client.readEvents({ params: { run: RUN }, query: { follow: true } })) break
  await expect.poll(() => released).toBe(true)
})

test('a refused merge lists the unmet conditions of the gate, and an approval opens the gate', async () => {
  const { client } = open()
  await instance.addRun({ id: RUN, status: 'succeeded', requester: BOB })
  await instance.addChange({ id: OTHER, run: RUN, requester: BOB })
  await expect(client.mergeChange({ params: { change: 'latest' } })).rejects.toMatchObject({
    code: 'gate-closed',
    details: [expect.stringContaining('approved')],
  })
  const detail = await client.approveChange({ params: { change: OTHER }, body: { reason: 'fine' } })
  expect(detail.change.decisions[0]).toMatchObject({ actor: ALICE, reason: 'fine' })
  expect((await client.mergeChange({ params: { change: OTHER } })).change.status).toBe('merged')
})

test.each([
  [
    'a body that is not JSON',
    '/runs',
    { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } },
    400,
  ],
  [
    'a body of another type',
    '/runs',
    { method: 'POST', body: JSON.stringify(START), headers: { 'content-type': 'text/plain' } },
    400,
  ],
  [
    'a body with an unknown key',
    '/runs',
    { method: 'POST', body: JSON.stringify({ ...START, sudo: true }), headers: { 'content-type': 'application/json' } },
    400,
  ],
  [
    'a task and a command at once',
    '/runs',
    {
      method: 'POST',
      body: JSON.stringify({ ...START, work: { kind: 'command', name: 'x', argv: ['x'] } }),
      headers: { 'content-type': 'application/json' },
    },
    400,
  ],
  [
    'a command without words',
    '/runs',
    {
      method: 'POST',
      body: JSON.stringify({ ...START, work: { kind: 'command', argv: [] } }),
      headers: { 'content-type': 'application/json' },
    },
    400,
  ],
  ['an unknown query', '/runs?limt=5', {}, 400],
  ['a query given twice', '/runs?limit=5&limit=6', {}, 400],
  ['a limit of 0', '/runs?limit=0', {}, 400],
  ['an unknown event kind', `/runs/${RUN}/events?kind=made.up`, {}, 400],
  ['a step that is not a number', `/runs/${RUN}/steps/-1/output`, {}, 400],
  ['an unknown path', '/nothing', {}, 404],
  ['a method that the path does not support', `/runs/${RUN}`, { method: 'DELETE' }, 404],
  [
    'a body over the bound',
    '/runs',
    { method: 'POST', body: ' '.repeat(MAX_BODY_BYTES + 1), headers: { 'content-type': 'application/json' } },
    413,
  ],
] as [string, string, RequestInit, number][])('refuses %s with a problem document', async (_, target, init, status) => {
  const { raw } = open()
  await instance.addRun({ id: RUN })
  const response = await raw(target, init)
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(await response.json()).toMatchObject({ code: expect.any(String), message: expect.any(String) })
  expect(instance.asked.filter(({ endpoint }) => endpoint === 'startRun')).toEqual([])
})

test('refuses every request without an actor, also for the description of the API', async () => {
  const { app } = open()
  for (const path of ['/runs', '/instance', '/openapi.json'])
    expect((await app.request(API_ROOT + path)).status).toBe(401)
})

test('answers an unexpected failure, such as an answer that does not fit the contract, with 500 and reports it', async () => {
  instance.services.getInstance = async () => ({ version: 1 }) as never
  const { client, failures } = open()
  await expect(client.getInstance()).rejects.toMatchObject({ code: 'internal' })
  expect(failures).toHaveLength(1)
})

test('pages through a list without gap or repetition, and refuses a malformed cursor', async () => {
  const ids: string[] = []
  for (let at = 0; at < 7; at++) ids.push((await instance.addRun({ createdAt: 100 + Math.floor(at / 2) })).id)
  const { client } = open()
  const seen: string[] = []
  for (let cursor: string | null = null, pages = 0; pages < 9; pages++) {
    const page: { runs: { id: string }[]; next: string | null } = await client.listRuns({
      query: { limit: 3, ...(cursor === null ? {} : { cursor }) },
    })
    seen.push(...page.runs.map(({ id }) => id))
    if (page.next === null) break
    cursor = page.next
  }
  expect(seen.toSorted()).toEqual(ids.toSorted())
  await expect(client.listRuns({ query: { cursor: 'made-up' } })).rejects.toMatchObject({ code: 'bad-input' })
  expect((await client.listTasks({ query: { limit: 1 } })).next).toBe(null)
})

test('a list omits the rows that the policies forbid to read', async () => {
  await instance[Symbol.asyncDispose]()
  instance = await openInstance({
    policies: [
      '@id("not-theirs") forbid (principal, action == Action::"run.read", resource is Run) when { resource has repository && resource.repository == "/repos/secret" };',
    ],
  })
  for (const repository of ['/repos/secret', '/repos/open', '/repos/secret', '/repos/open'])
    await instance.addRun({ repository })
  await instance.addRun({ id: RUN, repository: '/repos/secret' })
  const { client } = open()
  const { runs } = await client.listRuns()
  expect(runs.map(({ repository }) => repository)).toEqual(['/repos/open', '/repos/open'])
  await expect(client.getRun({ params: { run: RUN } })).rejects.toMatchObject({ code: 'refused' })
  expect((await client.getRun({ params: { run: 'latest' } })).run.repository).toBe('/repos/open')
})

const SIGNED = {
  take: {
    method: 'POST',
    path: '/hooks/take',
    summary: 'Take a signed message',
    permission: 'run.start',
    event: 'run.requested',
    params: NOTHING,
    query: NOTHING,
    body: { kind: 'bytes', type: 'application/json', maxBytes: 10 },
    answer: json(z.object({ bytes: z.number() })),
  },
} as const satisfies Record<string, Endpoint>

test('passes a raw body to its service byte for byte, and bounds it', async () => {
  const given: Uint8Array[] = []
  const take = async (call: object) => {
    given.push((call as { body: Uint8Array }).body)
    return { bytes: given.at(-1)!.length }
  }
  const app = bindEndpoints(SIGNED, { take }, { authenticate: authenticateOwner })
  const headers = { [ACTOR_HEADER]: JSON.stringify(ALICE), 'content-type': 'application/json' }
  const post = (body: string) => app.request(`${API_ROOT}/hooks/take`, { method: 'POST', body, headers })
  expect(await (await post('{"a": 1 }')).json()).toEqual({ bytes: 9 })
  expect(new TextDecoder().decode(given[0])).toBe('{"a": 1 }')
  expect((await post('{"a":  1  }')).status).toBe(413)
})

test('a caller who does not own the machine may name configured repositories only, and no paths', async () => {
  const authenticate = async () => ({ ...ownerCaller(ALICE), proof: 'token' as const })
  const app = createApp({ services: instance.services, authenticate, version: '0' })
  const start = async (body: object) => {
    const init = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const response = await app.request(`${API_ROOT}/runs`, init)
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  expect(await start(START)).toMatchObject({
    status: 400,
    body: { message: 'no repository is named `/repos/storefront`', cure: 'known: storefront' },
  })
  expect(await start({ ...START, repository: 'storefront' })).toMatchObject({
    status: 201,
    body: { repository: '/repos/storefront' },
  })
  expect((await start({ ...START, repository: 'storefront', advisories: '/etc' })).status).toBe(400)
})
