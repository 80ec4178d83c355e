// The providers' own clients through the wall, each wire, streamed and whole.
import Anthropic from '@anthropic-ai/sdk'
import { expect, test } from 'vitest'
import { json, KEY, openModelFixture, openProvider } from './model-fixture.ts'

test("Anthropic's client gets its answer, with no key of its own", async () => {
  await using provider = await openProvider((res) =>
    json(res, {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'good',
      content: [{ type: 'text', text: 'hello' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 10, cache_read_input_tokens: 5, output_tokens: 3 },
    }),
  )
  await using box = await openModelFixture({ connections: [{ url: provider.url }] })
  const client = new Anthropic({ baseURL: box.base, apiKey: 'dummy', maxRetries: 0 })
  const message = await client.messages.create({
    model: 'good',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'hi' }],
  })
  expect(message.content).toMatchObject([{ type: 'text', text: 'hello' }])
  expect(provider.asked).toMatchObject([{ method: 'POST', url: '/v1/messages' }])
  expect(provider.asked[0]?.headers).toMatchObject({ 'x-api-key': KEY, 'accept-encoding': 'identity' })
  const [called] = box.called()
  expect(called).toMatchObject({ outcome: 'answered', inputTokens: 15, outputTokens: 3, countedTokens: 18 })
  expect(box.blobs.all.get(called?.request ?? '')?.toString()).toBe(provider.asked[0]?.body)
})
