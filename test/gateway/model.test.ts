// The official clients of the providers through the gateway: each API, streamed and whole. The tests compare the answer to
// the client, the request to the provider and the events.
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import type { ModelConnection } from '../../src/domain/connections/model-connection.ts'
import {
  ANTHROPIC,
  ANTHROPIC_STREAM,
  CHAT,
  CHAT_STREAM,
  GEMINI,
  GEMINI_STREAM,
  RESPONSES,
  RESPONSES_STREAM,
  stream,
} from './model-answers.ts'
import { json, KEY, openModelFixture, openProvider, until, type ModelFixture } from './model-fixture.ts'
import { runProgram, sendRaw } from './programs.ts'

interface Wire {
  name: string
  provider: ModelConnection['provider']
  path: string
  keyHeader: [string, string]
  whole: object
  chunks: readonly string[]
  /** Returns the text of the answer that the official client got. */
  ask(base: string): Promise<string>
  askStream(base: string): Promise<string>
}

const GENERATE = '/v1/models/good'
const AS_JSON = { 'content-type': 'application/json' }
const CHAT_BODY = { model: 'good', messages: [{ role: 'user' as const, content: 'hi' }] }

const anthropic = (base: string): Anthropic => new Anthropic({ baseURL: base, apiKey: 'dummy', maxRetries: 0 })
const openai = (base: string): OpenAI => new OpenAI({ baseURL: `${base}/v1`, apiKey: 'dummy', maxRetries: 0 })
const google = (base: string): GoogleGenAI => new GoogleGenAI({ apiKey: 'dummy', httpOptions: { baseUrl: base } })

const WIRES: readonly Wire[] = [
  {
    name: 'Anthropic Messages',
    provider: 'anthropic',
    path: '/v1/messages',
    keyHeader: ['x-api-key', KEY],
    whole: ANTHROPIC,
    chunks: ANTHROPIC_STREAM,
    async ask(base) {
      const { content } = await anthropic(base).messages.create({ ...CHAT_BODY, max_tokens: 9 })
      return content.map((block) => (block.type === 'text' ? block.text : '')).join('')
    },
    askStream: (base) =>
      anthropic(base)
        .messages.stream({ ...CHAT_BODY, max_tokens: 9 })
        .finalText(),
  },
  {
    name: 'OpenAI Chat Completions',
    provider: 'openai',
    path: '/v1/chat/completions',
    keyHeader: ['authorization', `Bearer ${KEY}`],
    whole: CHAT,
    chunks: CHAT_STREAM,
    async ask(base) {
      return (await openai(base).chat.completions.create(CHAT_BODY)).choices[0]?.message.content ?? ''
    },
    async askStream(base) {
      const options = { include_usage: true }
      let text = ''
      const chunks = await openai(base).chat.completions.create({ ...CHAT_BODY, stream: true, stream_options: options })
      for await (const chunk of chunks) text += chunk.choices[0]?.delta.content ?? ''
      return text
    },
  },
  {
    name: 'OpenAI Responses',
    provider: 'openai-compatible',
    path: '/v1/responses',
    keyHeader: ['authorization', `Bearer ${KEY}`],
    whole: RESPONSES,
    chunks: RESPONSES_STREAM,
    async ask(base) {
      return (await openai(base).responses.create({ model: 'good', input: 'hi' })).output_text
    },
    async askStream(base) {
      let text = ''
      for await (const event of await openai(base).responses.create({ model: 'good', input: 'hi', stream: true }))
        if (event.type === 'response.output_text.delta') text += event.delta
      return text
    },
  },
  {
    name: 'Gemini',
    provider: 'gemini',
    path: `${GENERATE}:generateContent`,
    keyHeader: ['x-goog-api-key', KEY],
    whole: GEMINI,
    chunks: GEMINI_STREAM,
    async ask(base) {
      return (await google(base).models.generateContent({ model: 'good', contents: 'hi' })).text ?? ''
    },
    async askStream(base) {
      let text = ''
      for await (const chunk of await google(base).models.generateContentStream({ model: 'good', contents: 'hi' }))
        text += chunk.candidates?.[0]?.content?.parts?.map((part) => part.text ?? '').join('') ?? ''
      return text
    },
  },
]

describe.each(WIRES)('$name', (wire) => {
  const connection = (url: string): Partial<ModelConnection> & { url: string } => ({
    provider: wire.provider,
    url,
    prices: { good: { input: 2, output: 10, 'cached-input': 1 } },
  })

  test('a whole answer reaches the official client, and the events and blobs match the provider', async () => {
    await using provider = await openProvider((res) => json(res, wire.whole))
    await using box = await openModelFixture({ connections: [connection(provider.url)] })
    expect(await wire.ask(box.base)).toBe('hello')
    const [asked] = provider.asked
    expect(asked).toMatchObject({ method: 'POST', url: wire.path })
    expect(asked?.headers[wire.keyHeader[0]]).toBe(wire.keyHeader[1])
    expect(asked?.headers['accept-encoding']).toBe('identity')
    expect(JSON.stringify(asked)).not.toContain('dummy')
    const called = expectCounted(box)
    expect(text(box, called.sent ?? called.request)).toBe(asked?.body)
    expect(text(box, called.response)).toBe(JSON.stringify(wire.whole))
    expect(called.chunks).toBeNull()
  })

  test('a stream reaches the official client chunk by chunk, and is stored', async () => {
    await using provider = await openProvider((res) => stream(res, wire.chunks))
    await using box = await openModelFixture({ connections: [connection(provider.url)] })
    expect(await wire.askStream(box.base)).toBe('hello')
    const [called] = await box.calledTimes(1)
    expectCounted(box)
    expect(text(box, called?.response)).toBe(wire.chunks.join(''))
    expect(JSON.parse(text(box, called?.chunks))).toEqual(wire.chunks.map((chunk) => chunk.length))
  })

  test('passes on the first chunk before the next one arrives', async () => {
    const release = Promise.withResolvers<void>()
    await using provider = await openProvider((res) =>
      stream(res, wire.chunks, (index) => (index === 1 ? release.promise : undefined)),
    )
    await using box = await openModelFixture({ connections: [connection(provider.url)] })
    const bodies: Record<string, object> = {
      gemini: { contents: [] },
      'openai-compatible': { model: 'good', input: '' },
    }
    const body = bodies[wire.provider] ?? { ...CHAT_BODY, max_tokens: 9, stream: true }
    const path = wire.provider === 'gemini' ? `${GENERATE}:streamGenerateContent?alt=sse` : wire.path
    const answer = await fetch(box.base + path, { method: 'POST', headers: AS_JSON, body: JSON.stringify(body) })
    const reader = answer.body!.getReader()
    expect(Buffer.from((await reader.read()).value!).toString()).toBe(wire.chunks[0])
    expect(box.called()).toEqual([])
    release.resolve()
    for (let part = await reader.read(); !part.done; part = await reader.read());
    expect(box.called()).toMatchObject([{ outcome: 'answered' }])
  })

  test('passes on the last event only after the call is recorded', async () => {
    await using provider = await openProvider((res) => stream(res, wire.chunks))
    await using box = await openModelFixture({ connections: [connection(provider.url)] })
    const order: string[] = []
    const { record } = box.context.recorder
    const release = Promise.withResolvers<void>()
    box.context.recorder.record = async (batch) => {
      if (batch.some(({ kind }) => kind === 'model.called')) {
        order.push('recording')
        await release.promise
        order.push('recorded')
      }
      return record(batch)
    }
    const asked = wire.askStream(box.base).then(() => order.push('over'))
    await until(
      () => order.length,
      (length) => length > 0,
    )
    release.resolve()
    await asked
    expect(order).toEqual(['recording', 'recorded', 'over'])
  })

  function expectCounted(box: ModelFixture) {
    const calls = box.called()
    expect(calls).toMatchObject([
      {
        connection: 'main',
        model: 'good',
        status: 200,
        outcome: 'answered',
        refusal: null,
        inputTokens: 17,
        outputTokens: 3,
        cachedTokens: 5,
        countedTokens: 20,
        estimated: false,
        // Anthropic reports cached tokens; without a price for them, they cost as much as input.
        costMicros: 12 * 2 + 5 * 1 + 3 * 10,
        tools: ['read_file'],
        replaced: 0,
        decision: { allowed: true, reasons: ['test-allows'] },
      },
    ])
    expect(calls[0]?.firstByteMs).toBeGreaterThan(0)
    const kinds = box.events.map(({ kind }) => kind)
    expect(kinds).toEqual(['credential.used', 'model.asked', 'model.called'])
    expect(JSON.stringify(box.events)).not.toContain(KEY)
    return calls[0]!
  }
})

describe('the ways to the gateway', () => {
  const BODY = JSON.stringify(CHAT_BODY)
  const open = async (provider: { url: string }): Promise<ModelFixture> =>
    openModelFixture({ connections: [{ provider: 'openai', url: provider.url }] })

  test('through the proxy with TLS, as https://models.glovebox.internal', async () => {
    await using provider = await openProvider((res) => json(res, CHAT))
    await using box = await open(provider)
    const url = 'https://models.glovebox.internal/models/main/v1/chat/completions'
    const curl = await runProgram(box, ['curl', '-sS', '-d', BODY, '-H', 'content-type: application/json', url])
    expect(JSON.parse(curl.stdout)).toEqual(CHAT)
  })

  test('through the proxy without TLS, by its address in the sandbox', async () => {
    await using provider = await openProvider((res) => json(res, CHAT))
    await using box = await open(provider)
    for (const host of [`127.0.0.1:${box.port}`, `localhost:${box.port}`]) {
      const head = `POST http://${host}/models/main/chat/completions HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n`
      const answer = await sendRaw(box.port, `${head}Content-Length: ${BODY.length}\r\n\r\n${BODY}`)
      expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*hello/)
    }
    expect(provider.asked.map(({ url }) => url)).toEqual(['/v1/chat/completions', '/v1/chat/completions'])
  })

  test.each([
    ['another name of the loopback', 'GET /models/main/v1/models HTTP/1.1\r\nHost: localhost.:PORT\r\n\r\n', 400],
    [
      'a name that leads here (DNS rebinding)',
      'GET /models/main/v1/models HTTP/1.1\r\nHost: evil.example\r\n\r\n',
      400,
    ],
    ['another port', 'GET /models/main/v1/models HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n', 400],
    ['no Host', 'GET /models/main/v1/models HTTP/1.1\r\n\r\n', 400],
    ['no port', 'GET /models/main/v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n', 400],
    ['the IPv6 loopback', 'GET /models/main/v1/models HTTP/1.1\r\nHost: [::1]:PORT\r\n\r\n', 400],
    ['two Hosts', 'GET /models/main/v1/models HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: x\r\n\r\n', 400],
    ['another path', 'GET /other HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n', 400],
    ['dots out of /models/', 'GET /models/../other HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n', 400],
    ['a user in Host', 'GET /models/main/v1/models HTTP/1.1\r\nHost: a@127.0.0.1:PORT\r\n\r\n', 400],
    [
      'an absolute URL to another path',
      'GET http://127.0.0.1:PORT/other HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n',
      403,
    ],
    [
      'an absolute URL with another Host',
      'GET http://127.0.0.1:PORT/models/main/v1/models HTTP/1.1\r\nHost: x\r\n\r\n',
      421,
    ],
    [
      'both framings',
      'POST /models/main/v1/responses HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /models/main/v1/models HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n',
      400,
    ],
    [
      'without TLS to the name that requires TLS',
      'GET http://models.glovebox.internal/models/main/v1/models HTTP/1.1\r\nHost: models.glovebox.internal\r\n\r\n',
      421,
    ],
  ])('%s is refused and recorded, and reaches no provider', async (_name, bytes, status) => {
    await using provider = await openProvider((res) => json(res, CHAT))
    await using box = await open(provider)
    const answer = await sendRaw(box.port, bytes.replaceAll('PORT', String(box.port)), 1000)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect([provider.asked, box.called()]).toEqual([[], []])
    expect(box.requests()).toMatchObject([{ decision: { allowed: false } }])
  })

  test('lists of models and token counts pass, and cost no budget', async () => {
    await using provider = await openProvider((res, { url }) =>
      json(
        res,
        url.includes('count') ? { input_tokens: 7 } : { data: [{ id: 'good', type: 'model' }], has_more: false },
      ),
    )
    await using box = await openModelFixture({ connections: [{ url: `${provider.url}/v1` }] })
    const client = anthropic(box.base)
    expect((await client.models.list({ limit: 5 })).data).toHaveLength(1)
    expect(await client.messages.countTokens(CHAT_BODY)).toEqual({ input_tokens: 7 })
    expect(provider.asked.map(({ url }) => url)).toEqual(['/v1/models?limit=5', '/v1/messages/count_tokens'])
    expect(box.called()).toMatchObject([
      { wire: null, model: '', countedTokens: 0, costMicros: 0 },
      { wire: 'anthropic-messages', model: 'good', inputTokens: 7, countedTokens: 0, costMicros: 0 },
    ])
  })
})

function text(box: ModelFixture, digest: string | null | undefined): string {
  return box.blobs.all.get(digest ?? '')?.toString() ?? ''
}
