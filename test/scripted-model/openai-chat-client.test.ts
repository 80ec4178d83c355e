import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { heard, key, offered, openScene, prompt } from './repair-scene.ts'
import type { ScriptedModel } from './start-scripted-model.ts'

type Message = OpenAI.ChatCompletionMessageParam

const tools = Object.entries(offered).map(([name, parameters]) => ({
  type: 'function' as const,
  function: { name, parameters: { ...parameters } },
}))
const first: Message = { role: 'user', content: prompt }
const request = { model: 'scripted-large', messages: [first] }

function clientOf(model: ScriptedModel, apiKey = key): OpenAI {
  return new OpenAI({ baseURL: `${model.url}/v1`, apiKey, maxRetries: 0 })
}

async function playAll(model: ScriptedModel, ask: (messages: Message[]) => Promise<OpenAI.ChatCompletion>) {
  const messages = [first]
  const turns = []
  while (turns.length < heard.length) {
    const { choices, usage } = await ask(messages)
    const { message, finish_reason } = choices[0]!
    const calls = (message.tool_calls ?? []).filter((call) => call.type === 'function')
    turns.push({
      said: message.content ?? '',
      calls: calls.map((call) => [call.function.name, JSON.parse(call.function.arguments)]),
    })
    expect(finish_reason).toBe(calls.length > 0 ? 'tool_calls' : 'stop')
    const figures = model.exchanges.at(-1)!.usage!
    expect(usage).toMatchObject({
      prompt_tokens: figures.input,
      completion_tokens: figures.output,
      total_tokens: figures.input + figures.output,
      prompt_tokens_details: { cached_tokens: figures.cached },
    })
    messages.push(message, ...calls.map((call) => ({ role: 'tool' as const, tool_call_id: call.id, content: 'done' })))
    if (calls.length === 0) messages.push({ role: 'user', content: 'go on' })
  }
  return turns
}

describe("OpenAI's own client of Chat Completions", () => {
  test('plays the script to its end', async () => {
    const model = await openScene()
    const ask = (messages: Message[]) => clientOf(model).chat.completions.create({ ...request, messages, tools })
    expect(await playAll(model, ask)).toEqual(heard)
  })

  test('plays the same as a stream', async () => {
    const model = await openScene()
    const ask = (messages: Message[]) =>
      clientOf(model)
        .chat.completions.stream({ ...request, messages, tools, stream_options: { include_usage: true } })
        .finalChatCompletion()
    expect(await playAll(model, ask)).toEqual(heard)
  })

  test('hears of usage in a stream only when it asks', async () => {
    const model = await openScene()
    const stream = await clientOf(model).chat.completions.create({ ...request, tools, stream: true })
    const usages = []
    for await (const chunk of stream) usages.push(chunk.usage)
    expect(usages.length).toBeGreaterThan(3)
    expect(usages.every((usage) => usage === undefined)).toBe(true)
  })

  test('lists models', async () => {
    const model = await openScene()
    const names = []
    for await (const each of clientOf(model).models.list()) names.push(each.id)
    expect(names).toEqual(['scripted-large', 'scripted-small'])
  })

  test('gets an aside in the form that it asks for', async () => {
    const model = await openScene()
    const schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] }
    const { choices } = await clientOf(model).chat.completions.create({
      ...request,
      response_format: { type: 'json_schema', json_schema: { name: 'check', schema } },
    })
    expect(choices[0]?.message.content).toBe('{"ok":false}')
  })

  test('is refused with a wrong key', async () => {
    const model = await openScene()
    const error = await clientOf(model, 'wrong-key')
      .chat.completions.create(request)
      .catch((error: unknown) => error)
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError)
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key' })
    expect(String(error)).not.toContain('wrong-key')
  })

  test.each([
    [429, OpenAI.RateLimitError],
    [500, OpenAI.InternalServerError],
  ])('understands a %i', async (status, kind) => {
    const model = await openScene()
    model.misbehave({ kind: 'status', status })
    await expect(clientOf(model).chat.completions.create(request)).rejects.toBeInstanceOf(kind)
  })

  test('notices a stream that is cut in the middle', async () => {
    const model = await openScene()
    model.misbehave({ kind: 'cut', after: 2 })
    const stream = clientOf(model).chat.completions.stream({ ...request, tools })
    await expect(stream.finalChatCompletion()).rejects.toThrow()
    expect(model.exchanges[0]).toMatchObject({ end: 'cut' })
  })
})
