// Attacks through models. A sandbox tries other connections, other models and keys of others. A malicious provider, or
// one that quotes its request, sends back harmful answers.
import { describe, expect, test } from 'vitest'
import { ANTHROPIC, ANTHROPIC_STREAM, CHAT, stream } from './model-answers.ts'
import { json, KEY, openModelFixture, openProvider, secret, until, type ModelFixture } from './model-fixture.ts'
import { sendRaw } from './programs.ts'

const BODY = { model: 'good', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] }
const CLIENT = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' }

function post(url: string, body: unknown = BODY, headers: Record<string, string> = {}): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return fetch(url, { method: 'POST', headers: { ...CLIENT, ...headers }, body: text })
}

/** Everything that the sandbox could receive and everything that was stored. */
function everything(box: ModelFixture, ...answers: string[]): string {
  return [...answers, JSON.stringify(box.events), ...[...box.blobs.all.values()].map(String)].join('\n')
}

/** Encodings of the key, each with a part that identifies it. */
const FORMS: [form: string, telling: string][] = [
  [KEY, KEY],
  [encodeURIComponent(KEY), encodeURIComponent(KEY)],
  ...['', 'x', 'xx'].map((before): [string, string] => {
    const form = Buffer.from(`${before}${KEY}y`).toString('base64')
    return [form, form.slice(4, -4)]
  }),
]

describe('not sent to the provider', () => {
  test.each<[string, string, unknown, number]>([
    ['another connection', '/models/other/v1/messages', BODY, 404],
    ['a connection of other runs', '/models/theirs/v1/messages', BODY, 404],
    ['the name of a connection with an escape', '/models/m%61in/v1/messages', BODY, 404],
    ['dots to another endpoint', '/models/main/v1/messages/../files', BODY, 404],
    ['escaped dots', '/models/main/v1/%2e%2e/files', BODY, 404],
    ['an escaped slash', '/models/main/v1%2fmessages', BODY, 404],
    ['a path of the account', '/models/main/v1/organizations/users', BODY, 404],
    ['a query that changes the method', '/models/main/v1/messages?$httpMethod=DELETE', BODY, 400],
    ['a model that is not listed', '/models/main/v1/messages', { ...BODY, model: 'dear' }, 404],
    [
      'a model behind a duplicate key',
      '/models/main/v1/messages',
      '{"model":"good","messages":[],"model":"dear"}',
      400,
    ],
    [
      'a tool that fetches',
      '/models/main/v1/messages',
      { ...BODY, tools: [{ type: 'web_fetch_20260309', name: 'f' }] },
      403,
    ],
    [
      'a remote MCP server',
      '/models/main/v1/messages',
      { ...BODY, mcp_servers: [{ type: 'url', url: 'https://e.example' }] },
      403,
    ],
    ['no JSON', '/models/main/v1/messages', 'model=good', 400],
    [
      'a maximum longer than any answer',
      '/models/main/v1/messages',
      { ...BODY, max_tokens: Number.MAX_SAFE_INTEGER },
      400,
    ],
  ])('%s', async (_name, path, body, status) => {
    await using provider = await openProvider((res) => json(res, ANTHROPIC))
    await using box = await openModelFixture({ connections: [{ url: provider.url }] })
    // fetch would resolve the dots itself.
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${box.port}\r\nContent-Type: application/json\r\nConnection: close\r\n`
    const answer = await sendRaw(box.port, `${head}Content-Length: ${text.length}\r\n\r\n${text}`)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    // The error has the provider's format and a status that clients do not retry.
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({
      error: { message: expect.any(String) as string },
    })
    expect(answer).toContain('x-should-retry: false')
    expect(provider.asked).toEqual([])
    expect(box.called()).toMatchObject([
      { outcome: 'refused', status, countedTokens: 0, decision: { allowed: false, reasons: [] } },
    ])
    expect(box.events.map(({ kind }) => kind)).toEqual(['model.called'])
  })

  test('a call that no policy permits', async () => {
    await using provider = await openProvider((res) => json(res, ANTHROPIC))
    await using box = await openModelFixture({ connections: [{ url: provider.url }], allow: () => false })
    const answer = await post(`${box.base}/v1/messages`)
    expect([answer.status, await answer.json()]).toMatchObject([
      403,
      { type: 'error', error: { type: 'permission_error' } },
    ])
    expect(box.questions).toEqual([
      {
        action: 'model.call',
        resource: { type: 'Model', id: 'main/good', attributes: { connection: 'main', model: 'good' } },
        context: { connection: 'main', model: 'good', mode: 'write' },
      },
    ])
    expect([provider.asked, box.called()]).toMatchObject([[], [{ refusal: 'policy' }]])
  })

  test('an endless body and a compressed body', async () => {
    await using provider = await openProvider((res) => json(res, ANTHROPIC))
    await using box = await openModelFixture({
      connections: [{ url: provider.url }],
      modelLimits: { requestBytes: 10_000 },
    })
    const long = await post(`${box.base}/v1/messages`, { ...BODY, system: 'x'.repeat(20_000) })
    const packed = await post(`${box.base}/v1/messages`, BODY, { 'content-encoding': 'gzip' })
    const form = await post(`${box.base}/v1/messages`, BODY, { 'content-type': 'application/x-www-form-urlencoded' })
    expect([long.status, packed.status, form.status, provider.asked]).toEqual([413, 415, 415, []])
    expect(box.called().map(({ refusal }) => refusal)).toEqual(['request', 'request', 'request'])
  })

  test('more than a few large bodies at once, so that memory is bounded', async () => {
    const release = Promise.withResolvers<void>()
    let [atOnce, most] = [0, 0]
    await using provider = await openProvider(async (res) => {
      most = Math.max(most, ++atOnce)
      await release.promise
      atOnce -= 1
      json(res, ANTHROPIC)
    })
    await using box = await openModelFixture({ connections: [{ url: provider.url }] })
    const large = { ...BODY, system: 'x'.repeat(3_000_000) }
    const answers = Array.from({ length: 8 }, () => post(`${box.base}/v1/messages`, large))
    await until(
      () => provider.asked.length,
      (asked) => asked === 4,
    )
    // A small body does not wait.
    const small = post(`${box.base}/v1/messages`)
    await until(
      () => provider.asked.length,
      (asked) => asked === 5,
    )
    release.resolve()
    expect((await Promise.all([...answers, small])).map(({ status }) => status)).toEqual(Array(9).fill(200))
    expect(most).toBe(5)
  })

  test('a call that cannot be recorded', async () => {
    let fails = false
    await using provider = await openProvider((res) => json(res, ANTHROPIC))
    await using box = await openModelFixture({ connections: [{ url: provider.url }], recorderFails: () => fails })
    fails = true
    const answer = await post(`${box.base}/v1/messages`)
    expect([answer.status, provider.asked]).toEqual([503, []])
    expect(await answer.text()).not.toContain('/secret/place')
  })
})

describe('the request to the provider', () => {
  test('has no credential, cookie or account of the client, and no headers for a proxy', async () => {
    await using provider = await openProvider((res) => json(res, ANTHROPIC))
    await using box = await openModelFixture({ connections: [{ url: provider.url }] })
    const given = {
      'x-api-key': 'stolen',
      authorization: 'Bearer stolen',
      'x-goog-api-key': 'stolen',
      'api-key': 'stolen',
      cookie: 'session=stolen',
      'openai-organization': 'stolen',
      'openai-project': 'stolen',
      'x-goog-user-project': 'stolen',
      'x-http-method-override': 'DELETE',
      'x-forwarded-host': 'stolen',
      'helicone-target-url': 'https://stolen.example',
      'x-stainless-lang': 'js',
      'anthropic-beta': 'some-beta',
    }
    const answer = await post(`${box.base}/v1/messages?key=stolen`, BODY, given)
    expect(answer.status).toBe(200)
    const [asked] = provider.asked
    expect(JSON.stringify(asked)).not.toMatch(/stolen|DELETE/)
    expect(asked?.headers).toMatchObject({ 'x-api-key': KEY, 'x-stainless-lang': 'js', 'anthropic-beta': 'some-beta' })
    expect(asked?.url).toBe('/v1/messages')
    expect(everything(box)).not.toContain('stolen')
  })

  test('has no key if the connection has none', async () => {
    await using provider = await openProvider((res) => json(res, CHAT))
    await using box = await openModelFixture({
      connections: [{ url: provider.url, provider: 'openai-compatible', credential: { from: 'none' } }],
      secrets: { read: async () => null },
    })
    await post(`${box.base}/v1/chat/completions`, BODY, { authorization: 'Bearer dummy' })
    expect(provider.asked[0]?.headers).not.toHaveProperty('authorization')
    expect(box.events.map(({ kind }) => kind)).toEqual(['model.asked', 'model.called'])
  })
})

describe('a provider that quotes the key', () => {
  test.each(FORMS)('in a whole answer: %s', async (form, telling) => {
    const quoting = { ...ANTHROPIC, content: [{ type: 'text', text: `your key: ${form}!` }] }
    await using provider = await openProvider((res) => json(res, quoting, 200, { 'request-id': `r-${form}` }))
    await using box = await openModelFixture({ connections: [{ url: provider.url }] })
    const answer = await post(`${box.base}/v1/messages`)
    const text = await answer.text()
    expect(JSON.parse(text)).toMatchObject({ stop_reason: 'tool_use' })
    expect(text).toHaveLength(JSON.stringify(quoting).length)
    expect(answer.headers.get('request-id')).toHaveLength(2 + form.length)
    expect(everything(box, text, JSON.stringify([...answer.headers]))).not.toContain(telling)
    expect(box.called()[0]?.replaced).toBeGreaterThanOrEqual(2)
  })

  test.each(FORMS)('in a stream, over as many chunks as it has characters: %s', async (form, telling) => {
    const quoted = ANTHROPIC_STREAM.map((chunk) => chunk.replace('"hel"', JSON.stringify(`key ${form}.`)))
    const at = quoted.findIndex((chunk) => chunk.includes(form))
    const pieces = [...quoted.slice(0, at), ...(quoted[at] as string), ...quoted.slice(at + 1)]
    await using provider = await openProvider((res) => stream(res, pieces))
    await using box = await openModelFixture({ connections: [{ url: provider.url }] })
    const text = await (await post(`${box.base}/v1/messages`, { ...BODY, stream: true })).text()
    expect(text).toHaveLength(quoted.join('').length)
    expect(text).toContain('message_stop')
    expect(everything(box, text)).not.toContain(telling)
    expect(box.called()).toMatchObject([{ outcome: 'answered', replaced: 1 }])
  })

  // Claude Code would retry after a 401.
  test.each([
    [401, 402],
    [403, 403],
  ])('in an error with status %i', async (status, passed) => {
    const error = { type: 'error', error: { type: 'authentication_error', message: `invalid x-api-key ${KEY}` } }
    await using provider = await openProvider((res) => json(res, error, status))
    await using box = await openModelFixture({ connections: [{ url: provider.url }] })
    const answer = await post(`${box.base}/v1/messages`)
    const text = await answer.text()
    expect([answer.status, JSON.parse(text)]).toMatchObject([
      passed,
      { error: { message: expect.stringContaining('credential of the connection main') as string } },
    ])
    expect(everything(box, text)).not.toContain(KEY)
    expect(box.called()).toMatchObject([
      {
        outcome: 'failed',
        status: passed,
        countedTokens: 0,
        note: expect.stringContaining(`status ${status}`) as string,
      },
    ])
  })

  test('removes any other secret of the instance, too', async () => {
    const other = 'another-secret-of-this-instance'
    await using provider = await openProvider((res) => json(res, { ...ANTHROPIC, id: other }))
    await using box = await openModelFixture({
      connections: [{ url: provider.url }],
      secrets: { known: async () => [secret(other)] },
    })
    const text = await (await post(`${box.base}/v1/messages`)).text()
    expect(everything(box, text)).not.toContain(other)
  })
})

describe('a malicious provider', () => {
  test('cannot redirect the request or the key elsewhere', async () => {
    await using elsewhere = await openProvider((res) => json(res, ANTHROPIC))
    await using provider = await openProvider(
      (res) => void res.writeHead(307, { location: `${elsewhere.url}/v1/messages` }).end(),
    )
    await using box = await openModelFixture({ connections: [{ url: provider.url }] })
    const answer = await post(`${box.base}/v1/messages`)
    expect([answer.status, answer.headers.get('location'), elsewhere.asked]).toEqual([502, null, []])
    expect(box.called()).toMatchObject([{ outcome: 'failed', note: expect.stringContaining('redirected') as string }])
  })

  test('cannot send cookies, account data or an unrequested encoding inside', async () => {
    const headers = { 'set-cookie': 'a=b', 'anthropic-organization-id': 'org', 'alt-svc': 'h3=":443"', server: 'x' }
    await using provider = await openProvider((res, { url }) =>
      json(res, ANTHROPIC, 200, url.includes('count') ? { 'content-encoding': 'gzip' } : headers),
    )
    await using box = await openModelFixture({ connections: [{ url: provider.url }] })
    const answer = await post(`${box.base}/v1/messages`)
    for (const name of Object.keys(headers)) expect([name, answer.headers.get(name)]).toEqual([name, null])
    const packed = await post(`${box.base}/v1/messages/count_tokens`)
    expect(packed.status).toBe(502)
  })

  test('cannot send an endless answer inside in part', async () => {
    await using provider = await openProvider((res) => json(res, { ...ANTHROPIC, id: 'x'.repeat(50_000) }))
    await using box = await openModelFixture({
      connections: [{ url: provider.url }],
      modelLimits: { responseBytes: 10_000 },
    })
    const answer = await post(`${box.base}/v1/messages`)
    expect([answer.status, (await answer.text()).includes('xxx')]).toEqual([502, false])
    expect(box.called()).toMatchObject([{ outcome: 'failed', estimated: true }])
  })

  test('cannot exceed the bounds on texts and numbers, which are recorded', async () => {
    const content = Array.from({ length: 500 }, () => ({
      type: 'tool_use',
      name: `\ud800${'n'.repeat(5000)}`,
      input: {},
    }))
    const usage = { input_tokens: 1e300, output_tokens: -5, cache_read_input_tokens: Number.MAX_SAFE_INTEGER }
    await using provider = await openProvider((res) => json(res, { ...ANTHROPIC, content, usage, stop_reason: 7 }))
    await using box = await openModelFixture({ connections: [{ url: provider.url }] })
    expect((await post(`${box.base}/v1/messages`)).status).toBe(200)
    expect(box.called()).toMatchObject([
      { outcome: 'answered', inputTokens: null, outputTokens: null, stopReason: null },
    ])
    expect(box.called()[0]?.tools.length).toBe(100)
  })
})
