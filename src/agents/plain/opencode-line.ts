// Reads the output of `opencode run --format json`. https://opencode.ai/docs/cli
import type { Statement } from '../types.ts'
import { fieldsOf, jsonLine, textOf } from './json-line.ts'
import type { Fields } from './json-line.ts'
import { toolKindOf } from './tool-names.ts'

export function readOpencodeLine(line: string): readonly Statement[] {
  const event = jsonLine(line)
  if (event === null) return []
  const part = fieldsOf(event['part'])
  switch (event['type']) {
    case 'step_start':
      return [{ said: 'started', session: textOf(event['sessionID']) ?? '', version: null }]
    case 'text':
    case 'reasoning': {
      const kind = event['type'] === 'text' ? 'message' : 'thought'
      return [{ said: 'text', kind, text: textOf(part?.['text']) ?? '', message: textOf(part?.['id']) }]
    }
    case 'tool_use':
      return call(part)
    case 'error':
      return [{ said: 'ended', outcome: 'failed', message: `opencode reported: ${reason(event)}` }]
    default:
      return []
  }
}

/** opencode reports a call only when it is over. */
function call(part: Fields | null): Statement[] {
  const id = textOf(part?.['callID'])
  const state = fieldsOf(part?.['state'])
  const name = textOf(part?.['tool'])
  if (id === null || state === null || name === null) return []
  const status = state['status'] === 'error' ? 'failed' : 'completed'
  const title = textOf(state['title']) ?? name
  const output = state['output'] ?? state['error']
  return [{ said: 'call', call: { id, title, tool: toolKindOf(name), input: state['input'], status, output } }]
}

function reason(event: Fields): string {
  const error = fieldsOf(event['error'])
  const why = textOf(fieldsOf(error?.['data'])?.['message']) ?? textOf(error?.['message']) ?? textOf(error?.['name'])
  return (why ?? 'no reason').slice(0, 1000)
}
