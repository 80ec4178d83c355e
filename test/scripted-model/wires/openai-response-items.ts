import { pieces } from '../server-sent-events.ts'
import type { Reply } from '../wire.ts'

// The output items of a response, whole and as the events of a stream.

type Event = Record<string, unknown>

export type OutputItem =
  | { type: 'message'; id: string; status: string; role: 'assistant'; content: OutputText[] }
  | { type: 'function_call'; id: string; status: string; call_id: string; name: string; arguments: string }
  | { type: 'custom_tool_call'; id: string; status: string; call_id: string; name: string; input: string }

interface OutputText {
  type: 'output_text'
  text: string
  annotations: unknown[]
  logprobs: unknown[]
}

export function outputItems(reply: Reply): OutputItem[] {
  const calls = reply.calls.map((call): OutputItem => {
    const { name } = call
    return typeof call.arguments === 'string'
      ? {
          type: 'custom_tool_call',
          id: `ctc_${call.id}`,
          status: 'completed',
          call_id: call.id,
          name,
          input: call.arguments,
        }
      : {
          type: 'function_call',
          id: `fc_${call.id}`,
          status: 'completed',
          call_id: call.id,
          name,
          arguments: JSON.stringify(call.arguments),
        }
  })
  if (!reply.text) return calls
  return [
    {
      type: 'message',
      id: `msg_${reply.id}`,
      status: 'completed',
      role: 'assistant',
      content: [outputText(reply.text)],
    },
    ...calls,
  ]
}

function outputText(text: string): OutputText {
  return { type: 'output_text', text, annotations: [], logprobs: [] }
}

export function streamItem(item: OutputItem, index: number): Event[] {
  return [
    { type: 'response.output_item.added', output_index: index, item: { ...emptied(item), status: 'in_progress' } },
    ...contents(item, { item_id: item.id, output_index: index }),
    { type: 'response.output_item.done', output_index: index, item },
  ]
}

function emptied(item: OutputItem): OutputItem {
  if (item.type === 'message') return { ...item, content: [] }
  return item.type === 'function_call' ? { ...item, arguments: '' } : { ...item, input: '' }
}

function contents(item: OutputItem, place: Event): Event[] {
  if (item.type === 'message')
    return item.content.flatMap((content, index) => contentEvents(content, { ...place, content_index: index }))
  if (item.type === 'function_call') {
    const type = 'response.function_call_arguments'
    const { name } = item
    return [...deltas(type, item.arguments, place), { type: `${type}.done`, ...place, name, arguments: item.arguments }]
  }
  const type = 'response.custom_tool_call_input'
  return [...deltas(type, item.input, place), { type: `${type}.done`, ...place, input: item.input }]
}

function contentEvents(content: OutputText, place: Event): Event[] {
  const type = 'response.output_text'
  return [
    { type: 'response.content_part.added', ...place, part: outputText('') },
    ...deltas(type, content.text, place).map((event) => ({ ...event, logprobs: [] })),
    { type: `${type}.done`, ...place, text: content.text, logprobs: [] },
    { type: 'response.content_part.done', ...place, part: content },
  ]
}

function deltas(type: string, text: string, place: Event): Event[] {
  return pieces(text).map((delta) => ({ type: `${type}.delta`, ...place, delta }))
}
