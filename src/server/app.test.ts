import { expect, test } from 'vitest'
import { createClient, type WireRequest } from '../contract/client.ts'
import { ACTOR_HEADER, API_ROOT } from '../contract/endpoint.ts'
import type { Actor } from '../domain/actor.ts'
import type { Change } from '../domain/change.ts'
import { createFakeServices, type FakeServices } from '../services/fake.ts'
import { createApp, MAX_BODY_BYTES } from './app.ts'
import { authenticateOwner } from './authenticate.ts'

const ALICE: Actor = { id: 'user:alice' }
const RUN = '0123456789abcdefghj0'
const OTHER = '0123456789abcdefghj1'

function open(services: FakeServices = createFakeServices(), actor: Actor = ALICE) {
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
  return { services, client: createClient(async (request) => send(request)), raw, app, failures }
}

const START = {
  work: { kind: 'task' as const, name: 'fix-vulnerabilities', inputs: { level: 'high' } },
  repository: '/repos/storefront',
}

test('a run is started, listed, followed to its end and read through the client, as the actor', async () => {
  const { client, services } = open()
  services.onStart = (run) => {
    services.emit(run.id, 'stage.started', { stage: 'prepare' })
    services.finish(run.id, 'succeeded')
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
  expect(services.asked.every(({ actor }) => actor.id === 'user:alice')).toBe(true)
})

test('events are filtered by kind and by what was seen already', async () => {
  const { client, services } = open()
  services.addRun({ id: RUN })
  for (const stage of ['prepare', 'open', 'work']) services.emit(RUN, 'stage.started', { stage })
  services.emit(RUN, 'platform.failed', { detail: 'x' })
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

test('output comes byte for byte, and never as something that a browser would render', async () => {
  const { client, services, raw } = open()
  services.addRun({ id: RUN })
  const bytes = Uint8Array.from({ length: 5000 }, (_, index) => index % 256)
  services.outputs.set(`${RUN} 2 stderr`, bytes)
  const download = await client.readOutput({ params: { run: RUN, step: 2 }, query: { stream: 'stderr' } })
  const parts: Uint8Array[] = []
  for await (const part of download.bytes) parts.push(part)
  expect(download.length).toBe(5000)
  expect(Buffer.concat(parts).equals(bytes)).toBe(true)
  services.artifacts.set('a";x=\r\n\u202e.html', new TextEncoder().encode('<script>'))
  const response = await raw(`/runs/${RUN}/artifacts/${encodeURIComponent('a";x=\r\n\u202e.html')}`)
  expect(response.headers.get('content-type')).toBe('application/octet-stream')
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(response.headers.get('content-disposition')).toBe(
    `attachment; filename*=UTF-8''a%22%3Bx%3D%0D%0A%E2%80%AE.html`,
  )
})

test('a prefix of four characters or more, or `latest`, stands for an id', async () => {
  const { client, services } = open()
  services.addRun({ id: RUN })
  services.addRun({ id: 'zzzz456789abcdefghj1' })
  for (const run of [RUN, '0123', RUN.slice(0, 19)]) expect((await client.getRun({ params: { run } })).run.id).toBe(RUN)
  expect((await client.getRun({ params: { run: 'latest' } })).run.id).toBe('zzzz456789abcdefghj1')
})

test('`latest` approves nothing while several changes wait: it may not be the one that was read', async () => {
  const { client, services } = open()
  services.addRun({ id: RUN, status: 'succeeded', requester: { id: 'user:bob' } })
  services.addChange(openChange(OTHER), 'read')
  services.addChange(openChange(RUN), 'slipped in')
  const approving = client.approveChange({ params: { change: 'latest' }, body: { reason: null } })
  await expect(approving).rejects.toMatchObject({ code: 'ambiguous', details: expect.arrayContaining([OTHER, RUN]) })
  await client.rejectChange({ params: { change: RUN }, body: { reason: null } })
  const detail = await client.approveChange({ params: { change: OTHER }, body: { reason: null } })
  expect(detail.change.status).toBe('approved')
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
])('the reference "%s" is refused as %s', async (reference, code) => {
  const { client, services } = open()
  services.addRun({ id: RUN })
  services.addRun({ id: OTHER })
  await expect(client.getRun({ params: { run: reference } })).rejects.toMatchObject({ code })
})

test('an ambiguous prefix is answered with what it could mean', async () => {
  const { client, services } = open()
  services.addRun({ id: RUN })
  services.addRun({ id: OTHER })
  await expect(client.getRun({ params: { run: '0123' } })).rejects.toMatchObject({
    details: [OTHER, RUN],
    cure: 'give more characters',
  })
})

test('with no run at all, `latest` says so', async () => {
  await expect(open().client.getRun({ params: { run: 'latest' } })).rejects.toMatchObject({
    code: 'not-found',
    message: 'There is no run yet',
  })
})

test('what policy refuses is 403 with the rules', async () => {
  const { client, raw, services } = open(createFakeServices(), { id: 'user:nobody' })
  services.addRun({ id: RUN })
  await expect(client.startRun({ body: START })).rejects.toMatchObject({
    code: 'refused',
    details: ['denied by fake-policy'],
  })
  expect((await raw('/runs')).status).toBe(403)
})

test('a failure in the middle of a stream ends it as an error', async () => {
  const services = createFakeServices()
  services.addRun({ id: RUN })
  services.emit(RUN, 'stage.started', { stage: 'prepare' })
  const { readEvents } = services
  services.readEvents = async function* (...given) {
    yield* readEvents(...given)
    throw new Error('the disk is gone')
  }
  const { client } = open(services)
  const kinds: string[] = []
  const read = async () => {
    for await (const event of await client.readEvents({ params: { run: RUN } })) kinds.push(event.kind)
  }
  await expect(read()).rejects.toMatchObject({ code: 'internal', message: 'Glovebox failed: the disk is gone' })
})

test('whoever stops reading a followed run lets its events go', async () => {
  const services = createFakeServices()
  services.addRun({ id: RUN })
  services.emit(RUN, 'stage.started', { stage: 'prepare' })
  const { readEvents } = services
  let released = false
  services.readEvents = async function* (...given) {
    try {
      yield* readEvents(...given)
    } finally {
      released = true
    }
  }
  for await (const _ of await open(services).client.readEvents({ params: { run: RUN }, query: { follow: true } })) break
  await expect.poll(() => released).toBe(true)
})

function openChange(id: string): Change {
  const oid = 'b'.repeat(40)
  return {
    id,
    run: RUN,
    repository: '/r',
    branch: 'glovebox/x',
    target: 'main',
    base: oid,
    commit: oid,
    title: 't',
    body: '',
    status: 'open',
    files: 1,
    insertions: 1,
    deletions: 0,
    diff: `sha256:${'0'.repeat(64)}`,
    protectedPaths: [],
    findings: [],
    checks: [],
    requester: { id: 'user:bob' },
    decisions: [],
    mergeCommit: null,
    publishAs: 'glovebox/x/1',
    published: false,
    createdAt: 1,
  }
}

test('the gate’s unmet conditions come with the refusal to merge, and an approval opens it', async () => {
  const { client, services } = open()
  services.addRun({ id: RUN, status: 'succeeded', requester: { id: 'user:bob' } })
  services.addChange(openChange(OTHER), 'diff')
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
    'a body that is no JSON',
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
    'a body with a key that nobody knows',
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
  ['a limit of nothing', '/runs?limit=0', {}, 400],
  ['an unknown event kind', `/runs/${RUN}/events?kind=made.up`, {}, 400],
  ['a step that is no number', `/runs/${RUN}/steps/-1/output`, {}, 400],
  ['an unknown path', '/nothing', {}, 404],
  ['a method that a path has not', `/runs/${RUN}`, { method: 'DELETE' }, 404],
  [
    'a body over the bound',
    '/runs',
    { method: 'POST', body: ' '.repeat(MAX_BODY_BYTES + 1), headers: { 'content-type': 'application/json' } },
    413,
  ],
] as [string, string, RequestInit, number][])(
  '%s is refused as a problem document',
  async (_, target, init, status) => {
    const { raw, services } = open()
    services.addRun({ id: RUN })
    const response = await raw(target, init)
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({ code: expect.any(String), message: expect.any(String) })
    expect(services.asked.filter(({ method }) => method === 'startRun')).toEqual([])
  },
)

test('without an actor nothing is answered, the description of the API neither', async () => {
  const { app } = open()
  for (const path of ['/runs', '/instance', '/openapi.json'])
    expect((await app.request(API_ROOT + path)).status).toBe(401)
})

test('what nobody foresaw is a 500 that is reported, and an answer that does not fit the contract is one', async () => {
  const services = createFakeServices()
  services.instance = async () => ({ version: 1 }) as never
  const { client, failures } = open(services)
  await expect(client.getInstance()).rejects.toMatchObject({ code: 'internal' })
  expect(failures).toHaveLength(1)
})
