import { z } from 'zod'
import { jsonSchema } from '../json-schema.ts'
import { pieces, serverSentEvent } from '../server-sent-events.ts'
import type { Conversation, Reply, Wire } from '../wire.ts'

// Anthropic Messages: https://docs.anthropic.com/en/api/messages and .../messages-streaming

const block = z.looseObject({ type: z.string(), text: z.string().optional() })

const request = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(block)]) })),
  tools: z
    .array(z.looseObject({ name: z.string(), type: z.string().optional(), input_schema: jsonSchema.optional() }))
    .optional(),
  output_config: z.looseObject({ format: z.looseObject({ schema: jsonSchema }).nullish() }).optional(),
})

export const anthropic: Wire = {
  kind: 'anthropic',
  read,
  answer: (reply) => message(reply, content(reply), stopReason(reply), usage(reply)),
  stream,
  streamType: () => 'text/event-stream; charset=utf-8',
  count: (tokens) => ({ input_tokens: tokens }),
  problem: (status, message) => problem(ERROR_TYPES[status] ?? 'api_error', message),
  refusal: () => ({ status: 401, body: problem('authentication_error', 'invalid x-api-key') }),
}

function read(body: unknown): Conversation {
  const { model, stream, messages, tools = [], output_config } = request.parse(body)
  const blocks = messages.flatMap(({ role, content }) =>
    (typeof content === 'string' ? [{ type: 'text', text: content }] : content).map((each) => ({ role, ...each })),
  )
  return {
    model,
    streaming: stream ?? false,
    tools: tools.map((tool) => ({
      name: tool.name,
      kind: tool.input_schema ? 'function' : 'hosted',
      parameters: tool.input_schema ?? {},
    })),
    results: blocks.filter((each) => each.type === 'tool_result').length,
    said: blocks.filter((each) => each.role === 'assistant').map((each) => each.text ?? ''),
    schema: output_config?.format?.schema,
    wantsStreamUsage: true,
  }
}

function content(reply: Reply): unknown[] {
  const text = reply.text ? [{ type: 'text', text: reply.text, citations: null }] : []
  return [
    ...text,
    ...reply.calls.map((call) => ({ type: 'tool_use', id: `tu_${call.id}`, name: call.name, input: call.arguments })),
  ]
}

function message(reply: Reply, content: unknown[], stop: string | null, usage: unknown): unknown {
  const { model } = reply
  return {
    id: `msg_${reply.id}`,
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: stop,
    stop_sequence: null,
    usage,
  }
}

function stopReason(reply: Reply): string {
  return reply.calls.length > 0 ? 'tool_use' : 'end_turn'
}

function usage({ usage }: Reply, output = usage.output): unknown {
  const { input, cached } = usage
  return {
    // Anthropic counts cached tokens apart from the others.
    input_tokens: input - cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    output_tokens: output,
    service_tier: 'standard',
  }
}

function stream(reply: Reply): string[] {
  const events: Record<string, unknown>[] = [
    { type: 'message_start', message: message(reply, [], null, usage(reply, 1)) },
  ]
  let index = 0
  if (reply.text) {
    events.push({ type: 'content_block_start', index, content_block: { type: 'text', text: '' } }, { type: 'ping' })
    for (const text of pieces(reply.text))
      events.push({ type: 'content_block_delta', index, delta: { type: 'text_delta', text } })
    events.push({ type: 'content_block_stop', index })
    index += 1
  }
  for (const call of reply.calls) {
    const start = { type: 'tool_use', id: `tu_${call.id}`, name: call.name, input: {} }
    events.push({ type: 'content_block_start', index, content_block: start })
    for (const json of pieces(JSON.stringify(call.arguments))) {
      events.push({ type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: json } })
    }
    events.push({ type: 'content_block_stop', index })
    index += 1
  }
  const delta = { stop_reason: stopReason(reply), stop_sequence: null }
  events.push({ type: 'message_delta', delta, usage: { output_tokens: reply.usage.output } }, { type: 'message_stop' })
  return events.map((event) => serverSentEvent(event, String(event.type)))
}

const ERROR_TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
}

function problem(type: string, message: string): unknown {
  return { type: 'error', error: { type, message }, request_id: 'req_scripted' }
}
