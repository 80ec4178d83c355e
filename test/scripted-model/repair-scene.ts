import { onTestFinished } from 'vitest'
import type { ScriptedModel, ScriptedModelOptions } from './start-scripted-model.ts'
import { startScriptedModel } from './start-scripted-model.ts'

// What the tests of every provider's own client play: a repair, and an agent that offers four tools for it.

export const key = 'key-of-the-scene-0123456789'

export const REPAIR = {
  name: 'repair',
  turns: [
    { say: 'Both files, please.', calls: [read('src/a.js'), read('test/a.test.js')] },
    { calls: [{ tool: 'edit' as const, path: 'src/a.js', old: 'false – 👎\n', new: 'true – 👍\n' }] },
    { say: 'Now the tests.', calls: [{ tool: 'run' as const, command: "node --test && echo 'it''s fine'" }] },
    { say: 'One moment.' },
    { calls: [{ tool: 'finish' as const, summary: 'All tests pass.' }] },
  ],
}

function read(path: string): { tool: 'read'; path: string } {
  return { tool: 'read', path }
}

export async function openScene(options: Partial<ScriptedModelOptions> = {}): Promise<ScriptedModel> {
  const model = await startScriptedModel({ script: REPAIR, key, ...options })
  onTestFinished(() => model[Symbol.asyncDispose]())
  return model
}

function text(...names: string[]): {
  type: 'object'
  properties: Record<string, { type: 'string' }>
  required: string[]
} {
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
    required: names,
  }
}

/** Named as Claude Code names them; a folder in the prompt makes paths whole. */
export const offered = {
  Read: text('file_path'),
  Edit: text('file_path', 'old_string', 'new_string'),
  Bash: text('command', 'description'),
}

export const prompt = 'Working directory: /project/a\nMake the test pass.'

/** What the agent hears: each call, and whatever is said with it. */
export const heard = [
  {
    said: 'Both files, please.',
    calls: [
      ['Read', { file_path: '/project/a/src/a.js' }],
      ['Read', { file_path: '/project/a/test/a.test.js' }],
    ],
  },
  {
    said: '',
    calls: [['Edit', { file_path: '/project/a/src/a.js', old_string: 'false – 👎\n', new_string: 'true – 👍\n' }]],
  },
  {
    said: 'Now the tests.',
    calls: [['Bash', { command: "node --test && echo 'it''s fine'", description: 'The script says: run' }]],
  },
  { said: 'One moment.', calls: [] },
  { said: 'All tests pass.', calls: [] },
]
