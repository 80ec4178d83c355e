// Reads the output of `gemini --output-format stream-json`.
// https://github.com/google-gemini/gemini-cli/blob/main/docs/cli/headless.md
import type { Statement } from '../types.ts'
import { fieldsOf, jsonLine, textOf } from './json-line.ts'
import type { Fields } from './json-line.ts'
import { toolKindOf } from './tool-names.ts'

export function readGeminiLine(line: string): readonly Statement[] {
  const event = jsonLine(line)
  switch (event?.['type']) {
    case 'init':
      return [{ said: 'started', session: textOf(event['session_id']) ?? '', version: null }]
    case 'message':
      if (event['role'] !== 'assistant') return []
      return [{ said: 'text', kind: 'message', text: textOf(event['content']) ?? '', message: null }]
    case 'tool_use':
    case 'tool_result':
      return call(event)
    case 'result':
      return [ended(event)]
    default:
      return []
  }
}

function call(event: Fields): Statement[] {
  const id = textOf(event['tool_id'])
  if (id === null) return []
  if (event['type'] === 'tool_result') {
    const status = event['status'] === 'success' ? 'completed' : 'failed'
    return [{ said: 'call', call: { id, status, output: event['output'] ?? event['error'] } }]
  }
  const name = textOf(event['tool_name']) ?? 'tool'
  const input = event['parameters']
  return [{ said: 'call', call: { id, title: name, tool: toolKindOf(name), input, status: 'in_progress' } }]
}

function ended(event: Fields): Statement {
  if (event['status'] === 'success') return { said: 'ended', outcome: 'end_turn', message: null }
  const error = fieldsOf(event['error'])
  const why = textOf(error?.['message']) ?? 'no reason'
  if (why.startsWith('Reached max session turns')) return { said: 'ended', outcome: 'max_turn_requests', message: null }
  return { said: 'ended', outcome: 'failed', message: `gemini reported: ${why.slice(0, 1000)}` }
}
