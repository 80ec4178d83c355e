// The built-in agent from outside: the real program, a real client, a model that answers by a script.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { WIRES } from '../../agent/settings.ts'
import { startAgent } from './start-agent.ts'
import { startModel } from './scripted-model.ts'
import type { Say } from './scripted-model.ts'

const FINISH: Say = { call: [{ name: 'finish', input: { summary: 'Fixed it.', goal_met: true } }] }

describe.each(WIRES)('over %s', (wire) => {
  test('reads, edits, runs the tests and finishes', async () => {
    await using model = await startModel(wire, [
      { text: 'I look first.', call: [{ name: 'read', input: { path: 'sum.js' } }] },
      { call: [{ name: 'edit', input: { path: 'sum.js', old_text: 'a - b', new_text: 'a + b' } }] },
      { call: [{ name: 'shell', input: { command: 'node sum.js && echo checked' } }] },
      FINISH,
    ])
    await using agent = await startAgent({ wire, url: model.url })
    writeFileSync(join(agent.folder, 'sum.js'), 'const sum = (a, b) => a - b\nif (sum(1, 2) !== 3) process.exit(1)\n')

    const response = await agent.prompt('Make sum.js work.')

    expect(response).toEqual({ stopReason: 'end_turn', _meta: { glovebox: { goalMet: true, summary: 'Fixed it.' } } })
    expect(readFileSync(join(agent.folder, 'sum.js'), 'utf8')).toContain('a + b')
    expect(agent.said()).toBe('I look first.\nThe goal is met. Fixed it.\n')
    expect(agent.told()).toEqual([
      expect.stringContaining('completed: 1\tconst sum = (a, b) => a - b\n2\tif'),
      expect.stringContaining('completed: Replaced at line 1'),
      'completed: Exit code 0.\nchecked\n',
    ])
    expect(model.asked).toHaveLength(4)
    expect(agent.stderr()).toBe('')
  })
})
