import type { Content, GenerateContentParameters, GenerateContentResponse, Part } from '@google/genai'
import { ApiError, GoogleGenAI } from '@google/genai'
import { describe, expect, test } from 'vitest'
import { heard, key, offered, openScene, prompt } from './repair-scene.ts'
import type { ScriptedModel } from './start-scripted-model.ts'

const functionDeclarations = Object.entries(offered).map(([name, parametersJsonSchema]) => ({
  name,
  parametersJsonSchema,
}))
const config = { tools: [{ functionDeclarations }] }
const first: Content = { role: 'user', parts: [{ text: prompt }] }
const request = { model: 'scripted-large', contents: [first] }

function clientOf(model: ScriptedModel, apiKey = key): GoogleGenAI {
  return new GoogleGenAI({ apiKey, httpOptions: { baseUrl: model.url } })
}

async function playAll(
  model: ScriptedModel,
  ask: (params: GenerateContentParameters) => Promise<GenerateContentResponse[]>,
) {
  const contents = [first]
  const turns = []
  while (turns.length < heard.length) {
    const responses = await ask({ ...request, contents, config })
    const parts = responses.flatMap((response) => response.candidates?.[0]?.content?.parts ?? [])
    const calls = parts.flatMap((part) => (part.functionCall ? [part.functionCall] : []))
    turns.push({
      said: parts.map((part) => part.text ?? '').join(''),
      calls: calls.map((call) => [call.name, call.args]),
    })
    const figures = model.exchanges.at(-1)!.usage!
    expect(responses.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP')
    expect(responses.at(-1)?.usageMetadata).toMatchObject({
      promptTokenCount: figures.input,
      candidatesTokenCount: figures.output,
      ...(figures.cached > 0 ? { cachedContentTokenCount: figures.cached } : {}),
    })
    const results: Part[] = calls.map((call) => ({
      functionResponse: { id: call.id!, name: call.name!, response: { output: 'done' } },
    }))
    contents.push({ role: 'model', parts }, { role: 'user', parts: results.length > 0 ? results : [{ text: 'go on' }] })
  }
  return turns
}

async function gather(stream: AsyncIterable<GenerateContentResponse>): Promise<GenerateContentResponse[]> {
  const responses = []
  for await (const response of stream) responses.push(response)
  return responses
}

describe("Google's own client", () => {
  test('plays the script to its end', async () => {
    const model = await openScene()
    const ask = async (params: GenerateContentParameters) => [await clientOf(model).models.generateContent(params)]
    expect(await playAll(model, ask)).toEqual(heard)
  })

  test('plays the same as a stream', async () => {
    const model = await openScene({ prefix: '/gemini' })
    const ask = async (params: GenerateContentParameters) =>
      gather(await clientOf(model).models.generateContentStream(params))
    expect(await playAll(model, ask)).toEqual(heard)
    expect(model.exchanges[0]?.path).toBe('/gemini/v1/models/scripted-large:streamGenerateContent?alt=sse')
  })

  test('gets a stream without alt=sse as one JSON array', async () => {
    const model = await openScene()
    const url = `${model.url}/v1beta/models/m:streamGenerateContent?key=${key}`
    const response = await fetch(url, { method: 'POST', body: JSON.stringify({ contents: [first], ...config }) })
    expect(Array.isArray(await response.json())).toBe(true)
    expect(model.exchanges[0]?.chunks.length).toBeGreaterThan(1)
  })

  test('counts tokens and lists models', async () => {
    const model = await openScene()
    const { totalTokens } = await clientOf(model).models.countTokens(request)
    expect(totalTokens).toBe(Math.ceil(model.exchanges[0]!.request.length / 4))
    const names = []
    for await (const each of await clientOf(model).models.list()) names.push(each.name)
    expect(names).toEqual(['models/scripted-large', 'models/scripted-small'])
  })

  test('gets an aside in the form that it asks for', async () => {
    const model = await openScene()
    const responseJsonSchema = {
      type: 'object',
      properties: { choice: { enum: ['flash', 'pro'] } },
      required: ['choice'],
    }
    const { text } = await clientOf(model).models.generateContent({
      ...request,
      config: { responseMimeType: 'application/json', responseJsonSchema },
    })
    expect(text).toBe('{"choice":"flash"}')
  })

  test('is refused with a wrong key, which Google answers with 400', async () => {
    const model = await openScene()
    const error = await clientOf(model, 'wrong')
      .models.generateContent(request)
      .catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ status: 400 })
    expect(String(error)).toContain('API_KEY_INVALID')
  })

  test.each([
    [429, 'RESOURCE_EXHAUSTED'],
    [500, 'INTERNAL'],
    [503, 'UNAVAILABLE'],
  ])('understands a %i', async (status, name) => {
    const model = await openScene()
    model.misbehave({ kind: 'status', status })
    const error = await clientOf(model)
      .models.generateContent(request)
      .catch((error: unknown) => error)
    expect(error).toMatchObject({ status })
    expect(String(error)).toContain(name)
  })

  test('notices a stream that is cut in the middle', async () => {
    const model = await openScene()
    model.misbehave({ kind: 'cut', after: 1 })
    const stream = await clientOf(model).models.generateContentStream({ ...request, config })
    await expect(gather(stream)).rejects.toThrow()
    expect(model.exchanges[0]).toMatchObject({ end: 'cut' })
  })
})
