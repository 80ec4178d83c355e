// Reads the output of `claude -p --output-format stream-json`. https://docs.claude.com/en/docs/claude-code/headless
import type { Statement } from '../types.ts'
import { fieldsOf, jsonLine, listOf, textOf } from './json-line.ts'
import type { Fields } from './json-line.ts'
import { toolKindOf } from './tool-names.ts'

export function readClaudeLine(line: string): readonly Statement[] {
  const event = jsonLine(line)
  switch (event?.['type']) {
    case 'system':
      return event['subtype'] === 'init' ? [started(event)] : []
    case 'assistant':
      return said(event)
    case 'user':
      return parts(event).flatMap(result)
    case 'result':
      return [ended(event)]
    default:
      return []
  }
}

function started(event: Fields): Statement {
  const version = textOf(event['claude_code_version'])
  return { said: 'started', session: textOf(event['session_id']) ?? '', version }
}

function parts(event: Fields): Fields[] {
  return listOf(fieldsOf(event['message'])?.['content'])
    .map(fieldsOf)
    .filter((part) => part !== null)
}

function said(event: Fields): Statement[] {
  const message = textOf(fieldsOf(event['message'])?.['id'])
  return parts(event).flatMap((part): Statement[] => {
    const text = textOf(part['text']) ?? textOf(part['thinking'])
    if (part['type'] === 'text' && text !== null) return [{ said: 'text', kind: 'message', text, message }]
    if (part['type'] === 'thinking' && text !== null) return [{ said: 'text', kind: 'thought', text, message }]
    const id = textOf(part['id'])
    const name = textOf(part['name'])
    if (part['type'] !== 'tool_use' || id === null || name === null) return []
    const call = { id, title: name, tool: toolKindOf(name), input: part['input'], status: 'in_progress' as const }
    return [{ said: 'call', call }]
  })
}

function result(part: Fields): Statement[] {
  const id = textOf(part['tool_use_id'])
  if (part['type'] !== 'tool_result' || id === null) return []
  const status = part['is_error'] === true ? 'failed' : 'completed'
  return [{ said: 'call', call: { id, status, output: part['content'] } }]
}

function ended(event: Fields): Statement {
  const subtype = textOf(event['subtype']) ?? ''
  if (subtype === 'error_max_turns') return { said: 'ended', outcome: 'max_turn_requests', message: null }
  if (event['is_error'] !== true && subtype === 'success') {
    const refused = event['stop_reason'] === 'refusal'
    return { said: 'ended', outcome: refused ? 'refusal' : 'end_turn', message: null }
  }
  const why = textOf(event['result']) ?? subtype
  return { said: 'ended', outcome: 'failed', message: `claude reported: ${why.slice(0, 1000)}` }
}
