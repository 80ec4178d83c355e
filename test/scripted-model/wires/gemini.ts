import { z } from 'zod'
import { jsonSchema } from '../json-schema.ts'
import { pieces, serverSentEvent } from '../server-sent-events.ts'
import type { Conversation, Reply, Wire } from '../wire.ts'

// Google Gemini: https://ai.google.dev/api/generate-content

const part = z.looseObject({
  text: z.string().optional(),
  functionResponse: z.unknown().optional(),
  thought: z.boolean().optional(),
})
const declaration = z.looseObject({
  name: z.string(),
  parameters: jsonSchema.optional(),
  parametersJsonSchema: jsonSchema.optional(),
})

const request = z.looseObject({
  contents: z.array(z.looseObject({ role: z.string().optional(), parts: z.array(part).optional() })),
  tools: z.array(z.looseObject({ functionDeclarations: z.array(declaration).optional() })).optional(),
  generationConfig: z
    .looseObject({ responseJsonSchema: jsonSchema.optional(), responseSchema: jsonSchema.optional() })
    .optional(),
})

const streams = ':streamGenerateContent'

export const gemini: Wire = {
  kind: 'gemini',
  read,
  answer: (reply) => response(reply, [...textParts(reply.text), ...callParts(reply)], true),
  stream,
  streamType: (url) => (wantsEvents(url) ? 'text/event-stream' : 'application/json; charset=UTF-8'),
  count: (tokens) => ({ totalTokens: tokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: tokens }] }),
  problem,
  refusal,
}

function read(body: unknown, url: URL): Conversation {
  const { contents, tools = [], generationConfig } = request.parse(body)
  const parts = contents.flatMap(({ role, parts = [] }) => parts.map((each) => ({ role, ...each })))
  return {
    model: /\/models\/([^/:]+):/.exec(url.pathname)?.[1] ?? '',
    streaming: url.pathname.endsWith(streams),
    tools: tools.flatMap(({ functionDeclarations = [] }) =>
      functionDeclarations.map((each) => ({
        name: each.name,
        kind: 'function' as const,
        parameters: each.parametersJsonSchema ?? each.parameters ?? {},
      })),
    ),
    results: parts.filter((each) => each.functionResponse !== undefined).length,
    said: parts.filter((each) => each.role === 'model' && !each.thought).map((each) => each.text ?? ''),
    schema: generationConfig?.responseJsonSchema ?? generationConfig?.responseSchema,
    wantsStreamUsage: true,
  }
}

function textParts(text: string): unknown[] {
  return text ? [{ text }] : []
}

function callParts(reply: Reply): unknown[] {
  return reply.calls.map((call) => ({ functionCall: { id: call.id, name: call.name, args: call.arguments } }))
}

function response(reply: Reply, parts: unknown[], last: boolean): unknown {
  const { input, cached, output } = reply.usage
  return {
    candidates: [{ content: { role: 'model', parts }, index: 0, ...(last ? { finishReason: 'STOP' } : {}) }],
    usageMetadata: {
      promptTokenCount: input,
      ...(cached > 0 ? { cachedContentTokenCount: cached } : {}),
      ...(last ? { candidatesTokenCount: output } : {}),
      totalTokenCount: last ? input + output : input,
    },
    modelVersion: reply.model,
    responseId: reply.id,
  }
}

function stream(reply: Reply, _conversation: Conversation, url: URL): string[] {
  const texts = pieces(reply.text).map((text) => response(reply, [{ text }], false))
  const responses = [...texts, response(reply, reply.calls.length > 0 ? callParts(reply) : [{ text: '' }], true)]
  if (wantsEvents(url)) return responses.map((each) => serverSentEvent(each).replaceAll('\n', '\r\n'))
  // Without alt=sse the stream is one JSON array, written element by element.
  return responses.map(
    (each, index) =>
      `${index === 0 ? '[' : ',\r\n'}${JSON.stringify(each)}${index === responses.length - 1 ? ']' : ''}`,
  )
}

function wantsEvents(url: URL): boolean {
  return url.searchParams.get('alt') === 'sse'
}

const STATUS_NAMES: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
}

function problem(status: number, message: string): unknown {
  return { error: { code: status, message, status: STATUS_NAMES[status] ?? 'UNAVAILABLE' } }
}

/** Google answers 400 to a wrong key and 403 to none: https://ai.google.dev/gemini-api/docs/troubleshooting */
function refusal(presented: string | undefined): { status: number; body: unknown } {
  if (presented === undefined) {
    const message = "Method doesn't allow unregistered callers (callers without established identity)."
    return { status: 403, body: { error: { code: 403, message, status: 'PERMISSION_DENIED' } } }
  }
  const reason = {
    '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
    reason: 'API_KEY_INVALID',
    domain: 'googleapis.com',
  }
  const message = 'API key not valid. Please pass a valid API key.'
  return { status: 400, body: { error: { code: 400, message, status: 'INVALID_ARGUMENT', details: [reason] } } }
}
