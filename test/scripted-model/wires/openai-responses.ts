import { z } from 'zod'
import { jsonSchema } from '../json-schema.ts'
import { serverSentEvent } from '../server-sent-events.ts'
import type { Conversation, OfferedTool, Reply, Wire } from '../wire.ts'
import { openaiProblem, openaiRefusal } from './openai-problem.ts'
import { outputItems, streamItem } from './openai-response-items.ts'

// OpenAI Responses: https://platform.openai.com/docs/api-reference/responses and .../responses-streaming

const item = z.looseObject({
  type: z.string().optional(),
  role: z.string().optional(),
  content: z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]).nullish(),
})

const request = z.looseObject({
  model: z.string(),
  stream: z.boolean().nullish(),
  input: z.union([z.string(), z.array(item)]).optional(),
  previous_response_id: z.string().nullish(),
  tools: z
    .array(z.looseObject({ type: z.string(), name: z.string().optional(), parameters: jsonSchema.nullish() }))
    .nullish(),
  text: z.looseObject({ format: z.looseObject({ schema: jsonSchema.optional() }).optional() }).nullish(),
})

export const openaiResponses: Wire = {
  kind: 'openai-responses',
  read,
  answer: (reply) => response(reply, 'completed', outputItems(reply)),
  stream,
  streamType: () => 'text/event-stream; charset=utf-8',
  count: (tokens) => ({ object: 'response.input_tokens', input_tokens: tokens }),
  problem: openaiProblem,
  refusal: openaiRefusal,
}

function read(body: unknown): Conversation {
  const { model, stream, input = [], previous_response_id, tools, text } = request.parse(body)
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : input
  return {
    model,
    streaming: stream ?? false,
    tools: (tools ?? []).map((tool) => ({
      name: tool.name ?? tool.type,
      kind: TOOL_KINDS[tool.type] ?? 'hosted',
      parameters: tool.parameters ?? {},
    })),
    results: resultsBefore(previous_response_id) + items.filter((each) => each.type?.endsWith('_call_output')).length,
    said: items.filter((each) => each.role === 'assistant').map(({ content }) => textOf(content)),
    schema: text?.format?.schema,
    wantsStreamUsage: true,
  }
}

const TOOL_KINDS: Record<string, OfferedTool['kind']> = { function: 'function', custom: 'freeform' }

/** A conversation that goes on from a stored response: our ids carry how many results came before it. */
function resultsBefore(id: string | null | undefined): number {
  return Number(/^resp_(\d+)_/.exec(id ?? '')?.[1] ?? 0)
}

function textOf(content: string | { text?: string | undefined }[] | null | undefined): string {
  return typeof content === 'string' ? content : (content ?? []).map((each) => each.text ?? '').join('')
}

function response(reply: Reply, status: string, output: unknown[]): Record<string, unknown> {
  return {
    id: `resp_${reply.id}`,
    object: 'response',
    created_at: 1_760_000_000,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model: reply.model,
    output,
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    usage: status === 'completed' ? usage(reply) : null,
  }
}

function usage({ usage: { input, cached, output } }: Reply): unknown {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + output,
  }
}

function stream(reply: Reply): string[] {
  const items = outputItems(reply)
  const events: Record<string, unknown>[] = [
    { type: 'response.created', response: response(reply, 'in_progress', []) },
    { type: 'response.in_progress', response: response(reply, 'in_progress', []) },
    ...items.flatMap((item, index) => streamItem(item, index)),
    { type: 'response.completed', response: response(reply, 'completed', items) },
  ]
  return events.map((event, index) => serverSentEvent({ ...event, sequence_number: index }, String(event.type)))
}
