// Reads the output of `codex exec --json`. https://developers.openai.com/codex/noninteractive
import type { CallNews, CallStatus, Statement } from '../types.ts'
import { fieldsOf, jsonLine, listOf, textOf } from './json-line.ts'
import type { Fields } from './json-line.ts'
import { toolKindOf } from './tool-names.ts'

export function readCodexLine(line: string): readonly Statement[] {
  const event = jsonLine(line)
  switch (event?.['type']) {
    case 'thread.started':
      return [{ said: 'started', session: textOf(event['thread_id']) ?? '', version: null }]
    case 'item.started':
    case 'item.updated':
    case 'item.completed':
      return readItem(fieldsOf(event['item']), event['type'] === 'item.completed')
    case 'turn.completed':
      return [{ said: 'ended', outcome: 'end_turn', message: null }]
    case 'turn.failed': {
      const why = textOf(fieldsOf(event['error'])?.['message']) ?? 'no reason'
      return [{ said: 'ended', outcome: 'failed', message: `codex reported: ${why.slice(0, 1000)}` }]
    }
    default:
      return []
  }
}

function readItem(item: Fields | null, complete: boolean): Statement[] {
  const id = textOf(item?.['id'])
  const type = textOf(item?.['type'])
  if (item === null || id === null || type === null) return []
  if (type === 'agent_message' || type === 'reasoning') {
    const kind = type === 'reasoning' ? 'thought' : 'message'
    return complete ? [{ said: 'text', kind, text: textOf(item['text']) ?? '', message: id }] : []
  }
  if (type === 'todo_list') return [plan(item)]
  if (type === 'error') return []
  return [{ said: 'call', call: callOf(id, type, item, complete) }]
}

function callOf(id: string, type: string, item: Fields, complete: boolean): CallNews {
  const argv = textOf(item['command'])
  const command = argv === null ? null : withoutShell(argv)
  const title = command ?? textOf(item['tool']) ?? type
  const changed = listOf(item['changes'])
    .map((change) => textOf(fieldsOf(change)?.['path']))
    .filter((path) => path !== null)
  const { changes, arguments: input } = item
  return {
    id,
    title,
    tool: toolKindOf(type),
    paths: changed,
    command: command ?? undefined,
    input: input ?? changes,
    status: statusOf(item['status'], complete),
    output: complete ? item : undefined,
  }
}

function statusOf(status: unknown, complete: boolean): CallStatus {
  if (status === 'failed' || status === 'declined') return 'failed'
  return complete ? 'completed' : 'in_progress'
}

function plan(item: Fields): Statement {
  const entries = listOf(item['items']).map((entry) => {
    const fields = fieldsOf(entry)
    const status = fields?.['completed'] === true ? 'completed' : 'pending'
    return { content: textOf(fields?.['text']) ?? '', status, priority: 'medium' }
  })
  return { said: 'plan', entries }
}

/** Codex reports the argv of its shell as one line; this returns the script that the model asked for. */
function withoutShell(line: string): string {
  const [, quoted] = /^(?:\/\S*\/)?(?:ba|z|da)?sh -l?c (\S+|'[^']*'|"(?:[^"\\$`]|\\["\\$`])*")$/.exec(line) ?? []
  if (quoted === undefined) return line
  if (quoted.startsWith("'")) return quoted.slice(1, -1)
  if (quoted.startsWith('"')) return quoted.slice(1, -1).replace(/\\(["\\$`])/g, '$1')
  return /^[\w@%+=:,./-]+$/.test(quoted) ? quoted : line
}
