// A scripted model that streams its answers in each wire API. It supports only what these tests need.
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Settings } from '../../agent/settings.ts'

export interface Say {
  text?: string
  call?: { name: string; input: unknown }[]
  /** HTTP error to send instead of an answer. */
  status?: number
  /** Ends the connection before the end of the answer: with an error, or cleanly. */
  cut?: 'broken' | 'clean'
  /** The answer never ends. */
  hang?: boolean
  /** The answer ends because of its length limit, or with a refusal. */
  ended?: 'length' | 'refusal'
}

export interface AskedModel {
  path: string
  headers: IncomingMessage['headers']
  body: string
}

export interface ScriptedModel extends AsyncDisposable {
  url: string
  asked: AskedModel[]
}

/** Answers each request with the next entry of `script`; the last entry repeats. */
export async function startModel(wire: Settings['wire'], script: readonly Say[]): Promise<ScriptedModel> {
  const asked: AskedModel[] = []
  const server = createServer((request, response) => void answer(request, response))
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    asked.push({ path: request.url ?? '', headers: request.headers, body: await text(request) })
    const say = script[Math.min(asked.length, script.length) - 1]!
    if (say.status !== undefined) {
      const headers = { 'content-type': 'application/json', 'retry-after-ms': '1' }
      response.writeHead(say.status, headers).end(JSON.stringify(ERRORS[wire](say.status)))
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    // For a client the headers alone are the start of an answer.
    response.flushHeaders()
    const events = EVENTS[wire](say, asked.length)
    for (const event of say.cut || say.hang ? events.slice(0, -2) : events) response.write(event)
    if (say.hang === true) return
    if (say.cut === 'broken') setImmediate(() => response.destroy())
    else response.end()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/scripted`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const REFUSED = 'the budget of this run is used up\u001b[31m'

const ERRORS: Record<Settings['wire'], (status: number) => unknown> = {
  anthropic: () => ({ type: 'error', error: { type: 'rate_limit_error', message: REFUSED } }),
  'openai-responses': () => ({ error: { message: REFUSED, type: 'insufficient_quota', param: null, code: 'x' } }),
  'openai-chat': () => ({ error: { message: REFUSED, type: 'insufficient_quota', param: null, code: 'x' } }),
  gemini: (code) => ({ error: { code, message: REFUSED, status: 'RESOURCE_EXHAUSTED' } }),
}

function event(data: { type?: string } & Record<string, unknown>): string {
  return `${data.type === undefined ? '' : `event: ${data.type}\n`}data: ${JSON.stringify(data)}\n\n`
}

const EVENTS: Record<Settings['wire'], (say: Say, turn: number) => string[]> = {
  anthropic({ text, call = [], ended }, turn) {
    const usage = { input_tokens: 10, output_tokens: 1 }
    const blocks = [
      ...(text === undefined ? [] : [{ start: { type: 'text', text: '' }, delta: { type: 'text_delta', text } }]),
      ...call.map(({ name, input }, at) => ({
        start: { type: 'tool_use', id: `toolu_${turn}_${at}`, name, input: {} },
        delta: { type: 'input_json_delta', partial_json: JSON.stringify(input) },
      })),
    ]
    const reason =
      { length: 'max_tokens', refusal: 'refusal' }[ended as string] ?? (call.length ? 'tool_use' : 'end_turn')
    return [
      event({
        type: 'message_start',
        message: { id: `msg_${turn}`, type: 'message', role: 'assistant', model: 'm', content: [], usage },
      }),
      ...blocks.flatMap(({ start, delta }, index) => [
        event({ type: 'content_block_start', index, content_block: start }),
        event({ type: 'content_block_delta', index, delta }),
        event({ type: 'content_block_stop', index }),
      ]),
      event({
        type: 'message_delta',
        delta: { stop_reason: reason, stop_sequence: null },
        usage: { output_tokens: 5 },
      }),
      event({ type: 'message_stop' }),
    ]
  },

  'openai-responses'({ text, call = [], ended }, turn) {
    const response = { id: `resp_${turn}`, object: 'response', created_at: 1, model: 'm', service_tier: null }
    const usage = { input_tokens: 10, output_tokens: 5 }
    const message = { type: 'message', id: `msg_${turn}`, role: 'assistant', status: 'in_progress', content: [] }
    const reason = { length: 'max_output_tokens', refusal: 'content_filter' }[ended as string]
    const end =
      reason === undefined
        ? {
            type: 'response.completed',
            response: { ...response, status: 'completed', incomplete_details: null, usage },
          }
        : { type: 'response.incomplete', response: { ...response, incomplete_details: { reason }, usage } }
    return [
      event({ type: 'response.created', response }),
      ...(text === undefined
        ? []
        : [
            event({ type: 'response.output_item.added', output_index: 0, item: message }),
            event({
              type: 'response.output_text.delta',
              item_id: message.id,
              output_index: 0,
              content_index: 0,
              delta: text,
            }),
            event({ type: 'response.output_item.done', output_index: 0, item: { ...message, status: 'completed' } }),
          ]),
      ...call.flatMap(({ name, input }, at) => {
        const item = { type: 'function_call', id: `fc_${turn}_${at}`, call_id: `call_${turn}_${at}`, name }
        const args = JSON.stringify(input)
        return [
          event({ type: 'response.output_item.added', output_index: at + 1, item: { ...item, arguments: '' } }),
          event({
            type: 'response.function_call_arguments.delta',
            item_id: item.id,
            output_index: at + 1,
            delta: args,
          }),
          event({
            type: 'response.output_item.done',
            output_index: at + 1,
            item: { ...item, arguments: args, status: 'completed' },
          }),
        ]
      }),
      ': nothing more\n\n',
      event(end),
    ]
  },

  'openai-chat'({ text, call = [], ended }, turn) {
    const chunk = (delta: object, finish: string | null = null): string =>
      event({
        id: `chat_${turn}`,
        object: 'chat.completion.chunk',
        created: 1,
        model: 'm',
        choices: [{ index: 0, delta, finish_reason: finish }],
      })
    const reason =
      { length: 'length', refusal: 'content_filter' }[ended as string] ?? (call.length ? 'tool_calls' : 'stop')
    return [
      chunk({ role: 'assistant', content: '' }),
      ...(text === undefined ? [] : [chunk({ content: text })]),
      ...call.map(({ name, input }, index) =>
        // The same ids in every answer, as some servers send them.
        chunk({
          tool_calls: [
            { index, id: `call_${index}`, type: 'function', function: { name, arguments: JSON.stringify(input) } },
          ],
        }),
      ),
      chunk({}, reason),
      'data: [DONE]\n\n',
    ]
  },

  gemini({ text, call = [], ended }) {
    const parts = [
      ...(text === undefined ? [] : [{ text }]),
      ...call.map(({ name, input }) => ({ functionCall: { name, args: input } })),
    ]
    const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 }
    const finishReason = { length: 'MAX_TOKENS', refusal: 'SAFETY' }[ended as string] ?? 'STOP'
    return [
      ...parts.map((part) => event({ candidates: [{ content: { role: 'model', parts: [part] }, index: 0 }] })),
      ': nothing more\n\n',
      event({ candidates: [{ content: { role: 'model', parts: [] }, finishReason, index: 0 }], usageMetadata }),
    ]
  },
}
