// Providers that are down, slow or break off, and clients that go away: the answer to the sandbox, the events and the
// budget.
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { createServer as createHttpsServer } from 'node:https'
import { describe, expect, test } from 'vitest'
import { CredentialError } from '../../src/credentials/types.ts'
import { createRunCa } from '../../src/gateway/egress/run-ca.ts'
import { listen } from './gateway-fixture.ts'
import { ANTHROPIC, ANTHROPIC_STREAM, CHAT_STREAM, GEMINI, stream } from './model-answers.ts'
import { freePort, json, KEY, openModelFixture, openProvider, until, type ModelFixture } from './model-fixture.ts'

const BODY = { model: 'good', max_tokens: 9, messages: [{ role: 'user' as const, content: 'hi' }] }
const HEADERS = { 'content-type': 'application/json' }

function ask(box: ModelFixture, more: object = {}, signal?: AbortSignal): Promise<Response> {
  const body = JSON.stringify({ ...BODY, ...more })
  return fetch(`${box.base}/v1/messages`, { method: 'POST', headers: HEADERS, body, ...(signal && { signal }) })
}

const never = (): Promise<never> => new Promise(() => {})

describe('a provider', () => {
  test('that is down is retried, then reported as a temporary failure, and costs no budget', async () => {
    const port = await freePort()
    await using box = await openModelFixture({
      connections: [{ url: `http://127.0.0.1:${port}` }],
      modelLimits: { connectTries: 2 },
    })
    const client = new Anthropic({ baseURL: box.base, apiKey: 'dummy', maxRetries: 1 })
    await expect(client.messages.create(BODY)).rejects.toMatchObject({
      status: 502,
      error: { error: { type: 'api_error' } },
    })
    const calls = box.called()
    // The retry of the client is a separate call.
    expect(calls).toHaveLength(2)
    for (const call of calls) expect(call).toMatchObject({ outcome: 'failed', countedTokens: 0, estimated: false })
  })

  test('that comes up during the retries answers, and gets one request', async () => {
    const port = await freePort()
    await using box = await openModelFixture({
      connections: [{ url: `http://127.0.0.1:${port}` }],
      modelLimits: { connectTries: 20 },
    })
    const answer = ask(box)
    await until(
      () => box.events,
      (events) => events.some(({ kind }) => kind === 'model.asked'),
    )
    await using provider = await openProvider((res) => json(res, ANTHROPIC), port)
    expect([(await answer).status, provider.asked.length]).toEqual([200, 1])
  })

  test('that received the request and hung up gets no second request, and the call counts', async () => {
    await using provider = await openProvider((res) => void res.destroy())
    await using box = await openModelFixture({ connections: [{ url: provider.url }] })
    expect([(await ask(box)).status, provider.asked.length]).toEqual([502, 1])
    const [call] = box.called()
    expect(call).toMatchObject({ outcome: 'failed', estimated: true, inputTokens: null })
    // The whole reservation counts, since the gateway does not know what the provider did.
    expect(call?.countedTokens).toBe(Math.ceil(JSON.stringify(BODY).length / 3) + BODY.max_tokens)
  })

  test('that does not answer in time is reported as a timeout in its error format', async () => {
    await using provider = await openProvider(never)
    await using box = await openModelFixture({ connections: [{ url: provider.url }], modelLimits: { headersMs: 300 } })
    const answer = await ask(box)
    expect([answer.status, await answer.json()]).toMatchObject([504, { error: { type: 'timeout_error' } }])
    expect([provider.asked.length, box.called()]).toMatchObject([1, [{ outcome: 'failed', estimated: true }]])
  })

  test('that reports an error has the error passed on unchanged, and costs no budget', async () => {
    const overloaded = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    await using provider = await openProvider((res) =>
      json(res, overloaded, 529, { 'retry-after': '7', 'x-should-retry': 'true' }),
    )
    await using box = await openModelFixture({ connections: [{ url: provider.url }] })
    const answer = await ask(box)
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([529, '7', overloaded])
    expect(box.called()).toMatchObject([{ outcome: 'failed', status: 529, countedTokens: 0 }])
  })

  test('that calls the key invalid (Google) is reported as an error of the connection', async () => {
    const error = { error: { code: 400, status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }] } }
    await using provider = await openProvider((res) => json(res, error, 400))
    await using box = await openModelFixture({ connections: [{ url: provider.url, provider: 'gemini' }] })
    const answer = await fetch(`${box.base}/v1beta/models/good:generateContent`, {
      method: 'POST',
      headers: HEADERS,
      body: '{}',
    })
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { error: { code: 400, status: 'UNAUTHENTICATED' } },
    ])
  })

  test('with an untrusted certificate gets no request; one with a certificate of the operator does', async () => {
    const ca = await createRunCa()
    const seen: string[] = []
    const server = createHttpsServer({ ...(await ca.certificateFor('localhost')) }, (req, res) => {
      seen.push(String(req.headers['x-api-key']))
      json(res, ANTHROPIC)
    })
    const url = `https://localhost:${await listen(server)}`
    try {
      await using stranger = await openModelFixture({ connections: [{ url }] })
      expect([(await ask(stranger)).status, seen]).toEqual([502, []])
      // Nothing was sent, so nothing counts.
      const [call] = await stranger.calledTimes(1)
      expect(call).toMatchObject({ outcome: 'failed', countedTokens: 0 })
      expect(call?.note).toMatch(/^TLS with localhost:\d+ failed: /)
      await using known = await openModelFixture({ connections: [{ url }], certificates: [ca.certificatePem] })
      expect([(await ask(known)).status, seen]).toEqual([200, [KEY]])
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})

describe('a stream', () => {
  test('that is cut in the middle also breaks off in the sandbox, and is recorded as cut', async () => {
    await using provider = await openProvider((res) =>
      stream(res, ANTHROPIC_STREAM, (index) => (index === 4 ? Promise.resolve(res.destroy()) : undefined)),
    )
    await using box = await openModelFixture({ connections: [{ url: provider.url }] })
    const client = new Anthropic({ baseURL: box.base, apiKey: 'dummy', maxRetries: 0 })
    await expect(client.messages.stream(BODY).finalText()).rejects.toThrow()
    const [call] = await box.calledTimes(1)
    // The input has the provider's count, the output has its reservation.
    expect(call).toMatchObject({
      outcome: 'cut',
      inputTokens: 17,
      countedTokens: 17 + BODY.max_tokens,
      estimated: true,
      stopReason: null,
    })
    expect(box.blobs.all.get(call?.response ?? '')?.toString()).toBe(ANTHROPIC_STREAM.slice(0, 4).join(''))
  })

  test('that ends without its last event is recorded as cut', async () => {
    await using provider = await openProvider((res) => stream(res, ANTHROPIC_STREAM.slice(0, 5)))
    await using box = await openModelFixture({ connections: [{ url: provider.url }] })
    expect(await (await ask(box)).text()).toBe(ANTHROPIC_STREAM.slice(0, 5).join(''))
    expect(box.called()).toMatchObject([{ outcome: 'cut', note: 'the stream ended before its last event' }])
  })

  test('that falls silent is ended', async () => {
    await using provider = await openProvider((res) =>
      stream(res, ANTHROPIC_STREAM, (index) => (index === 3 ? never() : undefined)),
    )
    await using box = await openModelFixture({ connections: [{ url: provider.url }], modelLimits: { idleMs: 300 } })
    await expect((await ask(box)).text()).rejects.toThrow()
    expect(await box.calledTimes(1)).toMatchObject([{ outcome: 'cut', note: 'the provider fell silent' }])
  })

  test('with an error inside is recorded as failed', async () => {
    const error = 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"x"}}\n\n'
    await using provider = await openProvider((res) => stream(res, [...ANTHROPIC_STREAM.slice(0, 3), error]))
    await using box = await openModelFixture({ connections: [{ url: provider.url }] })
    expect(await (await ask(box)).text()).toContain('overloaded_error')
    expect(box.called()).toMatchObject([{ outcome: 'failed', note: 'the provider reported overloaded_error' }])
  })

  test('whose client goes away is ended at the provider, and its reservation counts', async () => {
    const reached = Promise.withResolvers<void>()
    await using provider = await openProvider((res) =>
      stream(res, ANTHROPIC_STREAM, (index) => {
        if (index !== 4) return undefined
        reached.resolve()
        return until(
          () => res.closed,
          (closed) => closed,
        )
      }),
    )
    await using box = await openModelFixture({ connections: [{ url: provider.url }] })
    const leave = new AbortController()
    const answer = await ask(box, {}, leave.signal)
    await answer.body!.getReader().read()
    await reached.promise
    leave.abort()
    await until(
      () => provider.broken,
      (broken) => broken === 1,
    )
    const [call] = await box.calledTimes(1)
    expect(call).toMatchObject({ outcome: 'cut', note: 'the client went away', inputTokens: 17, estimated: true })
    // The reservation counts, since the gateway does not know what the provider wrote meanwhile.
    expect(call?.countedTokens).toBe(17 + BODY.max_tokens)
  })

  test('whose run ends is recorded before the gateway closes', async () => {
    await using provider = await openProvider((res) =>
      stream(res, ANTHROPIC_STREAM, (index) => (index === 3 ? never() : undefined)),
    )
    const box = await openModelFixture({ connections: [{ url: provider.url }] })
    const answer = await ask(box)
    const text = answer.text().catch(() => 'broke off')
    await box[Symbol.asyncDispose]()
    expect(await text).toBe('broke off')
    expect(box.called()).toMatchObject([{ outcome: 'cut' }])
  })

  test('whose end cannot be recorded does not end properly in the sandbox', async () => {
    let fails = false
    await using provider = await openProvider((res) =>
      stream(res, ANTHROPIC_STREAM, (index) => {
        fails = index > 2
        return undefined
      }),
    )
    await using box = await openModelFixture({ connections: [{ url: provider.url }], recorderFails: () => fails })
    const client = new Anthropic({ baseURL: box.base, apiKey: 'dummy', maxRetries: 0 })
    await expect(client.messages.stream(BODY).finalText()).rejects.toThrow()
    expect(box.called()).toEqual([])
  })

  test('of Chat Completions without usage counts with its reservation, and is recorded as estimated', async () => {
    const uncounted = CHAT_STREAM.filter((chunk) => !chunk.includes('"usage"'))
    await using provider = await openProvider((res) => stream(res, uncounted))
    await using box = await openModelFixture({ connections: [{ url: provider.url, provider: 'openai' }] })
    const client = new OpenAI({ baseURL: `${box.base}/v1`, apiKey: 'dummy', maxRetries: 0 })
    for await (const _ of await client.chat.completions.create({ ...BODY, stream: true }));
    const [call] = box.called()
    expect(call).toMatchObject({ outcome: 'answered', inputTokens: null, outputTokens: null, estimated: true })
    const asked = box.blobs.all.get(call?.request ?? '')?.length ?? 0
    expect(call?.countedTokens).toBe(Math.ceil(asked / 3) + BODY.max_tokens)
  })

  test('of Gemini as a list, without alt=sse, is read and answered whole', async () => {
    await using provider = await openProvider((res) => json(res, [GEMINI, { candidates: [] }]))
    await using box = await openModelFixture({ connections: [{ url: provider.url, provider: 'gemini' }] })
    const url = `${box.base}/v1beta/models/good:streamGenerateContent`
    const answer = await fetch(url, { method: 'POST', headers: HEADERS, body: '{}' })
    expect(await answer.json()).toEqual([GEMINI, { candidates: [] }])
    expect(box.called()).toMatchObject([{ outcome: 'answered', inputTokens: 17, outputTokens: 3, stopReason: 'STOP' }])
  })
})

test('a client that goes away before the answer begins ends the request at the provider', async () => {
  const asked = Promise.withResolvers<void>()
  await using provider = await openProvider(async (res) => {
    asked.resolve()
    await until(
      () => res.closed,
      (closed) => closed,
    )
  })
  await using box = await openModelFixture({ connections: [{ url: provider.url }] })
  const leave = new AbortController()
  const answer = ask(box, {}, leave.signal).catch(() => 'left')
  await asked.promise
  leave.abort()
  expect(await answer).toBe('left')
  await until(
    () => provider.broken,
    (broken) => broken === 1,
  )
  expect(await box.calledTimes(1)).toMatchObject([{ outcome: 'failed', status: 499, estimated: true }])
})

test('a connection without a usable key gives one error, which does not quote the key', async () => {
  await using provider = await openProvider((res) => json(res, ANTHROPIC))
  for (const read of [
    async () => Promise.reject(new CredentialError('source-failed', 'command', `op printed ${KEY}`)),
    async () => ({ reveal: () => `${KEY}\r\nx-evil: 1`, toString: () => '', toJSON: () => '' }),
  ]) {
    await using box = await openModelFixture({ connections: [{ url: provider.url }], secrets: { read } })
    const client = new Anthropic({ baseURL: box.base, apiKey: 'dummy' })
    const failure = await client.messages.create(BODY).catch((error: unknown) => error as Error)
    expect(failure).toMatchObject({ status: 402 })
    expect(JSON.stringify([(failure as Error).message, box.events])).not.toContain(KEY)
    expect([provider.asked, box.called()]).toMatchObject([[], [{ outcome: 'refused', refusal: 'credential' }]])
  }
})
