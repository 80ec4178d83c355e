import { z } from 'zod'
import { jsonSchema } from '../json-schema.ts'
import { pieces, serverSentEvent } from '../server-sent-events.ts'
import type { Conversation, Reply, ReplyCall, Wire } from '../wire.ts'
import { openaiProblem, openaiRefusal } from './openai-problem.ts'

// OpenAI Chat Completions, and whatever is compatible: https://platform.openai.com/docs/api-reference/chat

const part = z.looseObject({ text: z.string().optional() })

const request = z.looseObject({
  model: z.string(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(part)]).nullish() })),
  tools: z
    .array(
      z.looseObject({ function: z.looseObject({ name: z.string(), parameters: jsonSchema.optional() }).optional() }),
    )
    .nullish(),
  response_format: z
    .looseObject({ json_schema: z.looseObject({ schema: jsonSchema.optional() }).optional() })
    .nullish(),
})

const created = 1_760_000_000

export const openaiChat: Wire = {
  kind: 'openai-chat',
  read,
  answer,
  stream,
  streamType: () => 'text/event-stream; charset=utf-8',
  count: (tokens) => ({ total_tokens: tokens }),
  problem: openaiProblem,
  refusal: openaiRefusal,
}

function read(body: unknown): Conversation {
  const { model, stream, stream_options, messages, tools, response_format } = request.parse(body)
  return {
    model,
    streaming: stream ?? false,
    tools: (tools ?? []).map((tool) => ({
      name: tool.function?.name ?? '',
      kind: tool.function ? 'function' : 'hosted',
      parameters: tool.function?.parameters ?? {},
    })),
    results: messages.filter((message) => message.role === 'tool').length,
    said: messages.filter((message) => message.role === 'assistant').map(({ content }) => textOf(content)),
    schema: response_format?.json_schema?.schema,
    wantsStreamUsage: stream_options?.include_usage ?? false,
  }
}

function textOf(content: string | { text?: string | undefined }[] | null | undefined): string {
  return typeof content === 'string' ? content : (content ?? []).map((each) => each.text ?? '').join('')
}

function answer(reply: Reply): unknown {
  const calls = reply.calls.length > 0 ? { tool_calls: reply.calls.map(toolCall) } : {}
  const message = { role: 'assistant', content: reply.text || null, refusal: null, ...calls }
  return {
    id: `chatcmpl-${reply.id}`,
    object: 'chat.completion',
    created,
    model: reply.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(reply) }],
    usage: usage(reply),
  }
}

function toolCall(call: ReplyCall): unknown {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.arguments) } }
}

function finishReason(reply: Reply): string {
  return reply.calls.length > 0 ? 'tool_calls' : 'stop'
}

function usage({ usage: { input, cached, output } }: Reply): unknown {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: 0 },
  }
}

function stream(reply: Reply, { wantsStreamUsage }: Conversation): string[] {
  const deltas: unknown[] = [{ role: 'assistant', content: '' }]
  for (const content of pieces(reply.text)) deltas.push({ content })
  for (const [index, call] of reply.calls.entries()) {
    const start = { index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }
    deltas.push({ tool_calls: [start] })
    for (const piece of pieces(JSON.stringify(call.arguments))) {
      deltas.push({ tool_calls: [{ index, function: { arguments: piece } }] })
    }
  }
  const chunk = (rest: object): unknown => ({
    id: `chatcmpl-${reply.id}`,
    object: 'chat.completion.chunk',
    created,
    model: reply.model,
    ...rest,
  })
  const chunks = deltas.map((delta) => chunk({ choices: [{ index: 0, delta, finish_reason: null }] }))
  chunks.push(chunk({ choices: [{ index: 0, delta: {}, finish_reason: finishReason(reply) }] }))
  if (wantsStreamUsage) chunks.push(chunk({ choices: [], usage: usage(reply) }))
  return [...chunks, '[DONE]'].map((data) => serverSentEvent(data))
}
