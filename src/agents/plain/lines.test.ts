// Lines as the agents print them (claude 2.1.331, codex 0.169.0, gemini 0.61.0, opencode 1.18.33), shortened.
import { describe, expect, test } from 'vitest'
import type { Statement } from '../types.ts'
import { readClaudeLine } from './claude-line.ts'
import { readCodexLine } from './codex-line.ts'
import { readGeminiLine } from './gemini-line.ts'
import { readOpencodeLine } from './opencode-line.ts'

const READERS = { readClaudeLine, readCodexLine, readGeminiLine, readOpencodeLine }

const SAYS: readonly [keyof typeof READERS, unknown, readonly Statement[]][] = [
  [
    'readClaudeLine',
    { type: 'system', subtype: 'init', session_id: 's', claude_code_version: '2.1.331' },
    [{ said: 'started', session: 's', version: '2.1.331' }],
  ],
  [
    'readClaudeLine',
    {
      type: 'assistant',
      message: {
        id: 'm',
        content: [
          { type: 'thinking', thinking: 'hm' },
          { type: 'text', text: 'I run it.' },
          { type: 'tool_use', id: 't', name: 'Bash', input: { command: 'npm test' } },
        ],
      },
    },
    [
      { said: 'text', kind: 'thought', text: 'hm', message: 'm' },
      { said: 'text', kind: 'message', text: 'I run it.', message: 'm' },
      {
        said: 'call',
        call: { id: 't', title: 'Bash', tool: 'execute', input: { command: 'npm test' }, status: 'in_progress' },
      },
    ],
  ],
  [
    'readClaudeLine',
    { type: 'user', message: { content: [{ type: 'tool_result', tool_use_id: 't', content: 'no', is_error: true }] } },
    [{ said: 'call', call: { id: 't', status: 'failed', output: 'no' } }],
  ],
  [
    'readClaudeLine',
    { type: 'result', subtype: 'success', is_error: false, stop_reason: 'end_turn' },
    [{ said: 'ended', outcome: 'end_turn', message: null }],
  ],
  [
    'readClaudeLine',
    { type: 'result', subtype: 'error_max_turns', is_error: true },
    [{ said: 'ended', outcome: 'max_turn_requests', message: null }],
  ],
  [
    'readClaudeLine',
    { type: 'result', subtype: 'success', is_error: true, result: 'API Error: 402' },
    [{ said: 'ended', outcome: 'failed', message: 'claude reported: API Error: 402' }],
  ],
  ['readCodexLine', { type: 'thread.started', thread_id: 't' }, [{ said: 'started', session: 't', version: null }]],
  [
    'readCodexLine',
    {
      type: 'item.started',
      item: { id: 'i', type: 'command_execution', command: "bash -lc 'ls'", status: 'in_progress' },
    },
    [
      {
        said: 'call',
        call: {
          id: 'i',
          title: 'ls',
          tool: 'execute',
          paths: [],
          command: 'ls',
          input: undefined,
          status: 'in_progress',
          output: undefined,
        },
      },
    ],
  ],
  [
    'readCodexLine',
    { type: 'item.completed', item: { id: 'a', type: 'agent_message', text: 'Done.' } },
    [{ said: 'text', kind: 'message', text: 'Done.', message: 'a' }],
  ],
  [
    'readCodexLine',
    {
      type: 'item.updated',
      item: { id: 'l', type: 'todo_list', items: [{ text: 'a', completed: true }, { text: 'b' }] },
    },
    [
      {
        said: 'plan',
        entries: [
          { content: 'a', status: 'completed', priority: 'medium' },
          { content: 'b', status: 'pending', priority: 'medium' },
        ],
      },
    ],
  ],
  ['readCodexLine', { type: 'turn.completed' }, [{ said: 'ended', outcome: 'end_turn', message: null }]],
  [
    'readCodexLine',
    { type: 'turn.failed', error: { message: '403' } },
    [{ said: 'ended', outcome: 'failed', message: 'codex reported: 403' }],
  ],
  ['readCodexLine', { type: 'error', message: 'Reconnecting... 1/5' }, []],
  [
    'readGeminiLine',
    { type: 'message', role: 'assistant', content: 'I ', delta: true },
    [{ said: 'text', kind: 'message', text: 'I ', message: null }],
  ],
  ['readGeminiLine', { type: 'message', role: 'user', content: 'the prompt' }, []],
  [
    'readGeminiLine',
    { type: 'tool_use', tool_name: 'replace', tool_id: 'r', parameters: { file_path: 'a' } },
    [
      {
        said: 'call',
        call: { id: 'r', title: 'replace', tool: 'edit', input: { file_path: 'a' }, status: 'in_progress' },
      },
    ],
  ],
  [
    'readGeminiLine',
    { type: 'tool_result', tool_id: 'r', status: 'error', error: { message: 'no' } },
    [{ said: 'call', call: { id: 'r', status: 'failed', output: { message: 'no' } } }],
  ],
  [
    'readGeminiLine',
    { type: 'result', status: 'error', error: { type: 'FatalTurnLimitedError', message: 'Reached max session turns' } },
    [{ said: 'ended', outcome: 'max_turn_requests', message: null }],
  ],
  [
    'readOpencodeLine',
    {
      type: 'tool_use',
      part: {
        tool: 'bash',
        callID: 'c',
        state: { status: 'completed', input: { command: 'ls' }, output: 'a', title: 'ls' },
      },
    },
    [
      {
        said: 'call',
        call: { id: 'c', title: 'ls', tool: 'execute', input: { command: 'ls' }, status: 'completed', output: 'a' },
      },
    ],
  ],
  [
    'readOpencodeLine',
    { type: 'error', error: { name: 'APIError', data: { message: 'Payment required' } } },
    [{ said: 'ended', outcome: 'failed', message: 'opencode reported: Payment required' }],
  ],
]

test.each(SAYS)('%s: %j', (reader, line, says) => {
  expect(READERS[reader](JSON.stringify(line))).toEqual(says)
})

describe.each(Object.entries(READERS))('%s ignores', (_, read) => {
  test.each([
    'npm warn deprecated',
    '',
    '{',
    '[]',
    'null',
    '{"type":"assistant"}',
    '{"type":"assistant","message":{"content":[null,3,{"type":"tool_use"}]}}',
    '{"type":"user","message":{"content":"x"}}',
    '{"type":"item.completed","item":null}',
    '{"type":"tool_use"}',
    '{"type":"tool_use","part":{"callID":"c"}}',
    '{"type":"constructor"}',
  ])('the line %s', (line) => expect(read(line)).toEqual([]))
})

test.each([
  ["/bin/sh -lc 'node --test'", 'node --test'],
  [`/usr/bin/bash -c "cat 'a b.js'"`, "cat 'a b.js'"],
  ['/bin/sh -lc "echo \\"\\$HOME\\""', 'echo "$HOME"'],
  ['/bin/sh -lc ls', 'ls'],
  ["/bin/sh -lc 'a' 'b'", "/bin/sh -lc 'a' 'b'"],
  ['/bin/sh -lc "echo $HOME"', '/bin/sh -lc "echo $HOME"'],
  ['node --test', 'node --test'],
])('records the command line %s of Codex as %s', (line, command) => {
  const item = { id: 'i', type: 'command_execution', command: line, status: 'in_progress' }
  expect(readCodexLine(JSON.stringify({ type: 'item.started', item }))).toMatchObject([{ call: { command } }])
})
