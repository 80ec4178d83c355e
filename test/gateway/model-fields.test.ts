// Fields that raise the price, let a job go on after the call, or use data that others stored with the same key.
import { hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { KeptHeaders } from '../../src/gateway/kept-headers.ts'
import { ANTHROPIC, CHAT, RESPONSES } from './model-answers.ts'
import { json, KEY, openModelFixture, openProvider, type ModelFixture } from './model-fixture.ts'

const HEADERS = { 'content-type': 'application/json' }
const QUEUED = { id: 'resp_1', object: 'response', status: 'queued', background: true, output: [], usage: null }

async function ask(box: ModelFixture, path: string, body: object): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${box.base}${path}`, { method: 'POST', headers: HEADERS, body: JSON.stringify(body) })
  return { status: answer.status, text: await answer.text() }
}

const job = { model: 'good', input: 'write', max_output_tokens: 4000, background: true }

describe('a job that goes on after the call', () => {
  test('is refused, and the refusal names the field and the setting that permits it', async () => {
    await using far = await openProvider((res) => json(res, QUEUED))
    await using box = await openModelFixture({ connections: [{ url: far.url, provider: 'openai' }] })
    const { status, text } = await ask(box, '/v1/responses', job)
    expect([status, far.asked]).toEqual([400, []])
    expect(text).toContain(
      'The gateway refuses the field `background`: the call would go on after the connection has ended. To permit it, an operator adds `background=true` to `fields` of the connection.',
    )
    expect(box.called()).toMatchObject([{ outcome: 'refused', refusal: 'field', countedTokens: 0 }])
  })

  test('counts with its reservation if it is permitted, since its real usage is unknown', async () => {
    await using far = await openProvider((res) => json(res, QUEUED))
    await using box = await openModelFixture({
      connections: [{ url: far.url, provider: 'openai', fields: ['background'] }],
      budgets: { run: { tokens: 9000 } },
    })
    const statuses: number[] = []
    for (let call = 0; call < 4; call += 1) statuses.push((await ask(box, '/v1/responses', job)).status)
    expect([statuses, far.asked.length]).toEqual([[200, 200, 400, 400], 2])
    const [first, , third] = box.called()
    expect(first).toMatchObject({
      outcome: 'answered',
      estimated: true,
      fields: [{ field: 'background=true', effect: 'outlives' }],
      note: 'the answer is a job that goes on (queued), so the whole reservation counts',
    })
    expect(first?.countedTokens).toBeGreaterThan(4000)
    expect(third).toMatchObject({ refusal: 'budget' })
  })
})

describe('a dearer tier', () => {
  const prices = { good: { input: 1000, output: 5000 } }
  const fast = { model: 'good', max_tokens: 100, messages: [], speed: 'fast' }

  test('is refused if the connection does not permit it', async () => {
    await using far = await openProvider((res) => json(res, ANTHROPIC))
    await using box = await openModelFixture({ connections: [{ url: far.url, prices }] })
    expect((await ask(box, '/v1/messages', fast)).status).toBe(403)
    expect(far.asked).toEqual([])
  })

  test('is reserved and counted at its price if it is permitted', async () => {
    await using far = await openProvider((res) => json(res, ANTHROPIC))
    await using box = await openModelFixture({ connections: [{ url: far.url, prices, fields: ['speed=fast'] }] })
    await ask(box, '/v1/messages', { ...fast, speed: 'standard' })
    await ask(box, '/v1/messages', fast)
    const reserved = box.events.flatMap((event) =>
      event.kind === 'model.asked' ? [event.body.reservedCostMicros] : [],
    )
    expect(reserved[1]).toBeGreaterThan((reserved[0] ?? 0) * 5)
    expect(box.called()).toMatchObject([{ costMicros: 32_000 }, { costMicros: 6 * 32_000 }])
  })

  test('is counted at its price if the provider chose it', async () => {
    await using far = await openProvider((res) => json(res, { ...CHAT, service_tier: 'priority' }))
    await using box = await openModelFixture({ connections: [{ url: far.url, prices, provider: 'openai' }] })
    await ask(box, '/v1/chat/completions', { model: 'good', messages: [] })
    expect(box.called()).toMatchObject([{ costMicros: 80_000, estimated: false }])
  })
})

describe('data that others stored at the provider with the same key', () => {
  test.each([
    ['an answer', { previous_response_id: 'resp_of_another_run' }],
    ['a conversation', { conversation: 'conv_of_another_run' }],
    ['an item', { input: [{ type: 'item_reference', id: 'msg_of_another_run' }] }],
    ['an item, by its id alone', { input: [{ id: 'msg_of_another_run' }] }],
    ['a prompt', { prompt: { id: 'pmpt_of_another_run' } }],
    ['a file', { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'file_1' }] }] }],
  ])('%s is not reached', async (_name, more) => {
    await using far = await openProvider((res) => json(res, RESPONSES))
    await using box = await openModelFixture({ connections: [{ url: far.url, provider: 'openai' }] })
    expect((await ask(box, '/v1/responses', { model: 'good', input: 'x', ...more })).status).toBe(400)
    expect([far.asked, box.called()]).toMatchObject([[], [{ refusal: 'field' }]])
  })

  test('gets no additions: the gateway adds `store: false` and records that', async () => {
    await using far = await openProvider((res) => json(res, RESPONSES))
    await using box = await openModelFixture({ connections: [{ url: far.url, provider: 'openai' }] })
    expect((await ask(box, '/v1/responses', { model: 'good', input: 'x' })).status).toBe(200)
    const body = far.asked[0]?.body ?? ''
    expect(JSON.parse(body)).toEqual({ model: 'good', input: 'x', store: false })
    const sent = `sha256:${hash('sha256', body)}`
    const asked = box.events.find((event) => event.kind === 'model.asked')
    for (const body of [asked?.body, box.called()[0]]) expect(body).toMatchObject({ sent, set: ['store=false'] })
    expect(box.blobs.all.get(sent)?.toString()).toBe(body)
  })
})

describe('headers that were sent and received', () => {
  function kept(box: ModelFixture, digest: string | undefined): KeptHeaders {
    return JSON.parse(box.blobs.all.get(digest ?? '')?.toString() ?? '') as KeptHeaders
  }

  test('are stored with the call, without credentials', async () => {
    const given = { 'request-id': 'req_1', 'set-cookie': 'a=b', 'x-echo': `key ${KEY}`, [`x-${KEY.slice(0, 7)}`]: 'y' }
    await using far = await openProvider((res) => json(res, ANTHROPIC, 200, given))
    await using box = await openModelFixture({ connections: [{ url: far.url }] })
    await ask(box, '/v1/messages', { model: 'good', max_tokens: 5, messages: [] })
    const [call] = box.called()
    const sent = kept(box, call?.requestHeaders)
    expect(sent.headers).toContainEqual(['content-type', 'application/json'])
    expect(sent.removed).toEqual(['x-api-key'])
    const received = kept(box, call?.responseHeaders)
    expect(received.headers).toContainEqual(['request-id', 'req_1'])
    expect(received.removed).toEqual(['set-cookie'])
    expect(JSON.stringify([...box.blobs.all.values()].map(String))).not.toContain(KEY)
  })

  test('are also stored for answers that are not passed on', async () => {
    await using far = await openProvider(
      (res) => void res.writeHead(307, { location: 'https://evil.example/?sig=abc' }).end(),
    )
    await using box = await openModelFixture({ connections: [{ url: far.url }] })
    await ask(box, '/v1/messages', { model: 'good', max_tokens: 5, messages: [] })
    const { headers } = kept(box, box.called()[0]?.responseHeaders)
    expect(headers).toContainEqual(['location', 'https://evil.example/?'])
  })
})
