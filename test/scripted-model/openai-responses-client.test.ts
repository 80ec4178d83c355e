import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { heard, key, offered, openScene, prompt } from './repair-scene.ts'
import type { ScriptedModel } from './start-scripted-model.ts'

type Input = OpenAI.Responses.ResponseInputItem

const tools = Object.entries(offered).map(([name, parameters]) => ({
  type: 'function' as const,
  name,
  parameters: { ...parameters },
  strict: false,
}))
const first: Input = { role: 'user', content: prompt }
const request = { model: 'scripted-large', input: [first] }

function clientOf(model: ScriptedModel, apiKey = key): OpenAI {
  return new OpenAI({ baseURL: `${model.url}/v1`, apiKey, maxRetries: 0 })
}

/** `keeps`: the client sends the whole conversation each time; otherwise it names the response before. */
async function playAll(
  model: ScriptedModel,
  keeps: boolean,
  ask: (params: OpenAI.Responses.ResponseCreateParamsNonStreaming) => Promise<OpenAI.Responses.Response>,
) {
  let params: OpenAI.Responses.ResponseCreateParamsNonStreaming & { input: Input[] } = { ...request, tools }
  const turns = []
  for (const _ of heard) {
    const response = await ask(params)
    const calls = response.output.filter((item) => item.type === 'function_call')
    turns.push({ said: response.output_text, calls: calls.map((call) => [call.name, JSON.parse(call.arguments)]) })
    expect(response.status).toBe('completed')
    const figures = model.exchanges.at(-1)!.usage!
    expect(response.usage).toMatchObject({
      input_tokens: figures.input,
      input_tokens_details: { cached_tokens: figures.cached },
      output_tokens: figures.output,
    })
    const results: Input[] = calls.map((call) => ({
      type: 'function_call_output',
      call_id: call.call_id,
      output: 'done',
    }))
    const news: Input[] = results.length > 0 ? results : [{ role: 'user', content: 'go on' }]
    params = keeps
      ? { ...params, input: [...params.input, ...response.output, ...news] as Input[] }
      : { ...params, input: [...request.input, ...news], previous_response_id: response.id }
  }
  return turns
}

describe("OpenAI's own client of Responses", () => {
  test('plays the script to its end', async () => {
    const model = await openScene()
    expect(await playAll(model, true, (params) => clientOf(model).responses.create(params))).toEqual(heard)
  })

  test('plays the same as a stream', async () => {
    const model = await openScene()
    const ask = (params: OpenAI.Responses.ResponseCreateParamsNonStreaming) =>
      clientOf(model)
        .responses.stream({ ...params, stream: true })
        .finalResponse()
    expect(await playAll(model, true, ask)).toEqual(heard)
  })

  test('goes on from a response that the provider keeps', async () => {
    const model = await openScene()
    const turns = await playAll(model, false, (params) => clientOf(model).responses.create(params))
    expect(turns.slice(0, 4)).toEqual(heard.slice(0, 4))
  })

  test('gets a patch as text where it offers a freeform tool', async () => {
    const model = await openScene({ script: { name: 'patch', turns: [{ calls: [edit] }] } })
    const stream = clientOf(model).responses.stream({ ...request, tools: [{ type: 'custom', name: 'apply_patch' }] })
    const [item] = (await stream.finalResponse()).output
    expect(item).toMatchObject({ type: 'custom_tool_call', name: 'apply_patch', input: patch })
  })

  test('counts tokens', async () => {
    const model = await openScene()
    const count = await clientOf(model).responses.inputTokens.count(request)
    expect(count.input_tokens).toBe(Math.ceil(model.exchanges[0]!.request.length / 4))
  })

  test('is refused with a wrong key', async () => {
    const model = await openScene()
    await expect(clientOf(model, 'wrong').responses.create(request)).rejects.toBeInstanceOf(OpenAI.AuthenticationError)
  })

  test('notices a stream that is cut in the middle', async () => {
    const model = await openScene()
    model.misbehave({ kind: 'cut', after: 3 })
    await expect(
      clientOf(model)
        .responses.stream({ ...request, tools })
        .finalResponse(),
    ).rejects.toThrow()
    expect(model.exchanges[0]).toMatchObject({ end: 'cut' })
  })
})

const edit = { tool: 'edit' as const, path: 'a.js', old: 'one\ntwo\n', new: 'three\n' }

const patch = `*** Begin Patch
*** Update File: a.js
@@
-one
-two
+three
*** End Patch
`
