import Anthropic from '@anthropic-ai/sdk'
import { describe, expect, test } from 'vitest'
import { responseOf } from './exchange-log.ts'
import { heard, key, offered, openScene, prompt } from './repair-scene.ts'
import type { ScriptedModel } from './start-scripted-model.ts'

const tools = Object.entries(offered).map(([name, input_schema]) => ({ name, input_schema }))
const request = { model: 'scripted-large', max_tokens: 1000, messages: [{ role: 'user' as const, content: prompt }] }

function clientOf(model: ScriptedModel, apiKey = key): Anthropic {
  return new Anthropic({ baseURL: model.url, apiKey, maxRetries: 0 })
}

async function playAll(
  model: ScriptedModel,
  ask: (params: Anthropic.MessageCreateParamsNonStreaming) => Promise<Anthropic.Message>,
) {
  const messages: Anthropic.MessageParam[] = [...request.messages]
  const turns = []
  while (turns.length < heard.length) {
    const answer = await ask({ ...request, messages, tools })
    const calls = answer.content.filter((block) => block.type === 'tool_use')
    const said = answer.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
    turns.push({ said, calls: calls.map((call) => [call.name, call.input]) })
    expect(answer.stop_reason).toBe(calls.length > 0 ? 'tool_use' : 'end_turn')
    const usage = model.exchanges.at(-1)?.usage
    expect(answer.usage).toMatchObject({
      input_tokens: usage!.input - usage!.cached,
      cache_read_input_tokens: usage!.cached,
      output_tokens: usage!.output,
    })
    messages.push({ role: 'assistant', content: answer.content })
    const results = calls.map((call) => ({ type: 'tool_result' as const, tool_use_id: call.id, content: 'done' }))
    messages.push({ role: 'user', content: results.length > 0 ? results : 'go on' })
  }
  return turns
}

describe("Anthropic's own client", () => {
  test('plays the script to its end', async () => {
    const model = await openScene()
    expect(await playAll(model, (params) => clientOf(model).messages.create(params))).toEqual(heard)
  })

  test('plays the same as a stream', async () => {
    const model = await openScene()
    expect(await playAll(model, (params) => clientOf(model).messages.stream(params).finalMessage())).toEqual(heard)
    expect(model.exchanges.every((each) => each.end === 'whole' && each.chunks.length > 5)).toBe(true)
  })

  test('has its bytes kept', async () => {
    const model = await openScene({ prefix: '/claude' })
    const answer = await clientOf(model).messages.create({ ...request, tools })
    const [exchange] = model.exchanges
    expect(exchange).toMatchObject({
      method: 'POST',
      path: '/claude/v1/messages',
      status: 200,
      wire: 'anthropic',
      played: 0,
    })
    expect(exchange?.headers.authorization).toBe(`Bearer ${key}`)
    expect(JSON.parse(exchange!.request.toString())).toEqual({ ...request, tools })
    expect(JSON.parse(responseOf(exchange!).toString())).toEqual({ ...answer, _request_id: undefined })
  })

  test('counts tokens and lists models', async () => {
    const model = await openScene()
    const client = clientOf(model)
    const count = await client.messages.countTokens({ model: request.model, messages: request.messages })
    expect(count.input_tokens).toBe(Math.ceil(model.exchanges[0]!.request.length / 4))
    const names = []
    for await (const each of client.models.list()) names.push(each.id)
    expect(names).toEqual(['scripted-large', 'scripted-small'])
  })

  test('gets an aside when it offers no tools, in the form that it asks for', async () => {
    const model = await openScene()
    const plain = await clientOf(model).messages.create(request)
    expect(plain.content).toMatchObject([{ type: 'text', text: 'A scripted answer' }])
    const schema = {
      type: 'object',
      properties: { title: { type: 'string' } },
      required: ['title'],
      additionalProperties: false,
    }
    const formed = await clientOf(model).messages.parse({
      ...request,
      output_config: { format: { type: 'json_schema', schema } },
    })
    expect(formed.content).toMatchObject([{ type: 'text', text: '{"title":"A scripted answer"}' }])
  })

  test('is refused with a wrong key', async () => {
    const model = await openScene()
    const error = await clientOf(model, 'wrong')
      .messages.create(request)
      .catch((error: unknown) => error)
    expect(error).toBeInstanceOf(Anthropic.AuthenticationError)
    expect(error).toMatchObject({ status: 401, type: 'authentication_error' })
  })

  test.each([
    [429, Anthropic.RateLimitError, 'rate_limit_error'],
    [500, Anthropic.InternalServerError, 'api_error'],
    [529, Anthropic.InternalServerError, 'overloaded_error'],
  ])('understands a %i', async (status, kind, type) => {
    const model = await openScene()
    model.misbehave({ kind: 'status', status })
    const error = await clientOf(model)
      .messages.create(request)
      .catch((error: unknown) => error)
    expect(error).toBeInstanceOf(kind)
    expect(error).toMatchObject({ status, type })
  })

  test('understands that a request is wrong', async () => {
    const model = await openScene()
    const error = await clientOf(model)
      .messages.create({ ...request, messages: 'none' as unknown as [] })
      .catch((error: unknown) => error)
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error' })
  })

  test('notices a stream that is cut in the middle', async () => {
    const model = await openScene()
    model.misbehave({ kind: 'cut', after: 4 })
    const stream = clientOf(model).messages.stream({ ...request, tools })
    await expect(stream.finalMessage()).rejects.toThrow()
    expect(model.exchanges[0]).toMatchObject({ end: 'cut', status: 200 })
    expect(model.exchanges[0]?.chunks).toHaveLength(4)
  })
})
