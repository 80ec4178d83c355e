// A provider that cannot be reached during an agent's step. After several calls the gateway answers with an error at which
// the official clients stop. If the provider comes back earlier, its failures are forgotten.
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import type { ModelConnection } from '../../src/domain/connections/model-connection.ts'
import { ANTHROPIC } from './model-answers.ts'
import { freePort, json, openModelFixture, openProvider, type ModelFixture } from './model-fixture.ts'

const MESSAGES = [{ role: 'user' as const, content: 'hi' }]
const BODY = { model: 'good', max_tokens: 9, messages: MESSAGES }

interface Downed {
  box: ModelFixture
  port: number
}

async function withDeadProvider(
  provider: ModelConnection['provider'] = 'anthropic',
  missesInARow = 3,
): Promise<Downed> {
  const port = await freePort()
  const box = await openModelFixture({
    connections: [{ url: `http://127.0.0.1:${port}`, provider }],
    modelLimits: { connectTries: 1, missesInARow },
    step: {},
  })
  return { box, port }
}

function ask({ base }: ModelFixture): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(`${base}/v1/messages`, { method: 'POST', headers, body: JSON.stringify(BODY) })
}

const CLIENTS: [string, ModelConnection['provider'], (base: string) => Promise<unknown>, object][] = [
  [
    'Anthropic',
    'anthropic',
    (base) => new Anthropic({ baseURL: base, apiKey: 'x', maxRetries: 20 }).messages.create(BODY),
    { status: 402, error: { type: 'error', error: { type: 'api_error' } } },
  ],
  [
    'OpenAI',
    'openai',
    (base) =>
      new OpenAI({ baseURL: base, apiKey: 'x', maxRetries: 20 }).chat.completions.create({
        model: 'good',
        messages: MESSAGES,
      }),
    { status: 400, code: 'provider_unreachable' },
  ],
  [
    'Google',
    'gemini',
    (base) =>
      new GoogleGenAI({
        apiKey: 'x',
        httpOptions: { baseUrl: base, retryOptions: { attempts: 20 } },
      }).models.generateContent({ model: 'good', contents: 'hi' }),
    { status: 400, message: expect.stringContaining('FAILED_PRECONDITION') as string },
  ],
]

test.each(CLIENTS)(
  'the persistent client of %s stops, and each try is recorded and costs nothing',
  async (_, kind, go, error) => {
    const { box, port } = await withDeadProvider(kind)
    await using _box = box
    const failure = await go(box.base).catch((thrown: unknown) => thrown as Error)
    expect(failure).toMatchObject(error)
    const given = `The connection main gave no answer 3 times in a row, so Glovebox stops the calls of the step \`fix\` to it.`
    expect((failure as Error).message).toContain(given)
    const down = `The provider of main at 127.0.0.1:${port} can't be reached.`
    const final = kind === 'anthropic' ? 402 : 400
    expect(
      box.called().map(({ outcome, status, note, countedTokens }) => [outcome, status, note, countedTokens]),
    ).toEqual([
      ['failed', 502, down, 0],
      ['failed', 502, down, 0],
      ['failed', final, `${down} ${given}`, 0],
    ])
  },
)

test('after giving up, sends nothing more in this step and tries again in the next', async () => {
  const { box, port } = await withDeadProvider()
  await using _box = box
  for (const status of [502, 502, 402]) expect((await ask(box)).status).toBe(status)
  await using provider = await openProvider((res) => json(res, ANTHROPIC), port)
  const refused = await ask(box)
  expect([refused.status, refused.headers.get('x-should-retry'), provider.asked]).toEqual([402, 'false', []])
  expect(box.called().at(-1)).toMatchObject({ outcome: 'refused', refusal: 'unreachable', countedTokens: 0 })
  box.run.limitStep('fix', null)
  expect([(await ask(box)).status, provider.asked.length]).toEqual([200, 1])
  box.run.limitStep('again', {})
  expect([(await ask(box)).status, provider.asked.length]).toEqual([200, 2])
})

test('uses a provider that comes back in time and forgets its failures', async () => {
  const { box, port } = await withDeadProvider()
  await using _box = box
  for (let round = 0; round < 3; round++) {
    expect([(await ask(box)).status, (await ask(box)).status]).toEqual([502, 502])
    await using _provider = await openProvider((res) => json(res, ANTHROPIC), port)
    expect((await ask(box)).status).toBe(200)
  }
  expect(box.called().filter(({ outcome }) => outcome === 'refused')).toEqual([])
})

test('treats an error of the provider as an answer', async () => {
  await using provider = await openProvider((res) => json(res, { type: 'error' }, 503))
  await using box = await openModelFixture({
    connections: [{ url: provider.url }],
    modelLimits: { missesInARow: 2 },
    step: {},
  })
  for (let times = 0; times < 4; times++) expect((await ask(box)).status).toBe(503)
  expect(provider.asked).toHaveLength(4)
})

test('also gives up on a provider that redirects or hangs up', async () => {
  let times = 0
  await using provider = await openProvider((res) =>
    times++ === 0 ? void res.destroy() : json(res, {}, 302, { location: 'http://127.0.0.1:1/' }),
  )
  await using box = await openModelFixture({
    connections: [{ url: provider.url }],
    modelLimits: { missesInARow: 2 },
    step: {},
  })
  for (const status of [502, 402, 402]) expect((await ask(box)).status).toBe(status)
  expect(provider.asked).toHaveLength(2)
})

test('does not give up for commands outside agent steps', async () => {
  const { box } = await withDeadProvider()
  await using _box = box
  box.run.limitStep('fix', null)
  for (let times = 0; times < 5; times++) expect((await ask(box)).status).toBe(502)
})
