// Answers as the four wire APIs give them: the least that the providers' own clients understand.
import type { ServerResponse } from 'node:http'

export const ANTHROPIC = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'good',
  content: [
    { type: 'text', text: 'hello' },
    { type: 'tool_use', id: 't1', name: 'read_file', input: { path: 'a' } },
  ],
  stop_reason: 'tool_use',
  stop_sequence: null,
  usage: { input_tokens: 10, cache_read_input_tokens: 5, cache_creation_input_tokens: 2, output_tokens: 3 },
}

export const ANTHROPIC_STREAM = [
  event('message_start', {
    type: 'message_start',
    message: { ...ANTHROPIC, content: [], stop_reason: null, usage: { ...ANTHROPIC.usage, output_tokens: 1 } },
  }),
  event('content_block_start', { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  event('content_block_delta', {
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'text_delta', text: 'hel' },
  }),
  event('content_block_delta', {
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'text_delta', text: 'lo' },
  }),
  event('content_block_stop', { type: 'content_block_stop', index: 0 }),
  event('content_block_start', {
    type: 'content_block_start',
    index: 1,
    content_block: { type: 'tool_use', id: 't1', name: 'read_file', input: {} },
  }),
  event('content_block_delta', {
    type: 'content_block_delta',
    index: 1,
    delta: { type: 'input_json_delta', partial_json: '{"path":"a"}' },
  }),
  event('content_block_stop', { type: 'content_block_stop', index: 1 }),
  event('message_delta', {
    type: 'message_delta',
    delta: { stop_reason: 'tool_use', stop_sequence: null },
    usage: { output_tokens: 3 },
  }),
  event('message_stop', { type: 'message_stop' }),
]

const CALL = { id: 'c1', type: 'function', function: { name: 'read_file', arguments: '{"path":"a"}' } }

export const CHAT = {
  id: 'chat_1',
  object: 'chat.completion',
  created: 1,
  model: 'good',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'hello', refusal: null, tool_calls: [CALL] },
      finish_reason: 'tool_calls',
      logprobs: null,
    },
  ],
  usage: {
    prompt_tokens: 17,
    completion_tokens: 3,
    total_tokens: 20,
    prompt_tokens_details: { cached_tokens: 5 },
  },
}

const CHUNK = { id: 'chat_1', object: 'chat.completion.chunk', created: 1, model: 'good' }
const delta = (content: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ ...CHUNK, choices: [{ index: 0, delta: content, finish_reason: finish }] })}\n\n`

/** With the counts, as a client gets it that asks for them. */
export const CHAT_STREAM = [
  delta({ role: 'assistant', content: 'hel' }),
  delta({ content: 'lo' }),
  delta({ tool_calls: [{ index: 0, ...CALL }] }),
  delta({}, 'tool_calls'),
  `data: ${JSON.stringify({ ...CHUNK, choices: [], usage: CHAT.usage })}\n\n`,
  'data: [DONE]\n\n',
]

const MESSAGE = {
  id: 'm1',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: 'hello', annotations: [] }],
}
const FUNCTION_CALL = { id: 'f1', type: 'function_call', call_id: 'c1', name: 'read_file', arguments: '{"path":"a"}' }

export const RESPONSES = {
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status: 'completed',
  model: 'good',
  error: null,
  incomplete_details: null,
  output: [MESSAGE, FUNCTION_CALL],
  parallel_tool_calls: true,
  tool_choice: 'auto',
  tools: [],
  usage: {
    input_tokens: 17,
    output_tokens: 3,
    total_tokens: 20,
    input_tokens_details: { cached_tokens: 5 },
    output_tokens_details: { reasoning_tokens: 0 },
  },
}

export const RESPONSES_STREAM = [
  event('response.created', {
    type: 'response.created',
    sequence_number: 0,
    response: { ...RESPONSES, status: 'in_progress', output: [], usage: null },
  }),
  event('response.output_item.added', {
    type: 'response.output_item.added',
    sequence_number: 1,
    output_index: 0,
    item: { ...MESSAGE, status: 'in_progress', content: [] },
  }),
  event('response.output_text.delta', {
    type: 'response.output_text.delta',
    sequence_number: 2,
    item_id: 'm1',
    output_index: 0,
    content_index: 0,
    delta: 'hello',
  }),
  event('response.output_item.done', {
    type: 'response.output_item.done',
    sequence_number: 3,
    output_index: 0,
    item: MESSAGE,
  }),
  event('response.output_item.done', {
    type: 'response.output_item.done',
    sequence_number: 4,
    output_index: 1,
    item: FUNCTION_CALL,
  }),
  event('response.completed', { type: 'response.completed', sequence_number: 5, response: RESPONSES }),
]

const PARTS = [{ text: 'hello' }, { functionCall: { name: 'read_file', args: { path: 'a' } } }]

export const GEMINI = {
  candidates: [{ content: { role: 'model', parts: PARTS }, finishReason: 'STOP', index: 0 }],
  usageMetadata: {
    promptTokenCount: 17,
    candidatesTokenCount: 2,
    thoughtsTokenCount: 1,
    cachedContentTokenCount: 5,
    totalTokenCount: 20,
  },
  modelVersion: 'good',
}

export const GEMINI_STREAM = [
  `data: ${JSON.stringify({ candidates: [{ content: { role: 'model', parts: [{ text: 'hel' }] }, index: 0 }] })}\r\n\r\n`,
  `data: ${JSON.stringify({ candidates: [{ content: { role: 'model', parts: [{ text: 'lo' }] }, index: 0 }] })}\r\n\r\n`,
  `data: ${JSON.stringify({ ...GEMINI, candidates: [{ content: { role: 'model', parts: PARTS.slice(1) }, finishReason: 'STOP', index: 0 }] })}\r\n\r\n`,
]

function event(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

/** Each chunk is one write; `before` may wait for something before the chunk at an index. */
export async function stream(
  res: ServerResponse,
  chunks: readonly (string | Uint8Array)[],
  before: (index: number) => Promise<unknown> | undefined = () => undefined,
): Promise<void> {
  res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  for (const [index, chunk] of chunks.entries()) {
    await before(index)
    await new Promise((done) => res.write(chunk, done))
    // One packet each, so that the other side reads them one by one.
    await new Promise((done) => setTimeout(done, 5))
  }
  res.end()
}
