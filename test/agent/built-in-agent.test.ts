// The built-in agent from outside: the real program, a real client, a model that answers by a script.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { WIRES } from '../../agent/settings.ts'
import { startAgent } from './start-agent.ts'
import { startModel } from './scripted-model.ts'
import type { Say } from './scripted-model.ts'

const FINISH: Say = { call: [{ name: 'finish', input: { summary: 'Fixed it.', goal_met: true } }] }
const RUN = (command: string): Say => ({ call: [{ name: 'shell', input: { command } }] })

const REQUESTS = {
  anthropic: { path: '/scripted/v1/messages', header: 'x-api-key', key: 'dummy-of-this-run' },
  'openai-responses': { path: '/scripted/v1/responses', header: 'authorization', key: 'Bearer dummy-of-this-run' },
  'openai-chat': { path: '/scripted/v1/chat/completions', header: 'authorization', key: 'Bearer dummy-of-this-run' },
  gemini: {
    path: '/scripted/v1beta/models/scripted-1:streamGenerateContent?alt=sse',
    header: 'x-goog-api-key',
    key: 'dummy-of-this-run',
  },
}

describe.each(WIRES)('over %s', (wire) => {
  test('reads, edits, runs the tests and finishes', async () => {
    await using model = await startModel(wire, [
      { text: 'I look first.', call: [{ name: 'read', input: { path: 'sum.js' } }] },
      { call: [{ name: 'edit', input: { path: 'sum.js', old_text: 'a - b', new_text: 'a + b' } }] },
      RUN('node sum.js && echo checked'),
      { call: [{ name: 'search', input: { pattern: 'a \\+ b', glob: '*.js' } }] },
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
      'completed: sum.js:1: const sum = (a, b) => a + b\n[1 matches in 1 files]',
    ])
    const { path, header, key } = REQUESTS[wire]
    expect(model.asked.map((asked) => [asked.path, asked.headers[header]])).toEqual(Array(5).fill([path, key]))
    expect(model.asked.at(-1)?.body).toContain('checked')
    expect(agent.stderr()).toBe('')
  })

  test.each([401, 403, 404])(
    'a refusal with %i ends the turn with a sentence, and is not tried again',
    async (status) => {
      await using model = await startModel(wire, [{ status }])
      await using agent = await startAgent({ wire, url: model.url })
      await expect(agent.prompt('Hello')).rejects.toMatchObject({
        code: -32603,
        message: expect.stringMatching(new RegExp(`\\(${status}\\): the budget of this run is used up$`)),
        data: { status },
      })
      expect(model.asked).toHaveLength(1)
      expect(agent.stderr()).toBe('')
    },
  )

  test('a budget that is used up ends the turn after one more try, and the session goes on', async () => {
    await using model = await startModel(wire, [{ status: 429 }, { status: 429 }, { text: 'Here again.' }])
    await using agent = await startAgent({ wire, url: model.url })
    await expect(agent.prompt('Hello')).rejects.toThrow(
      'The request to the model is over a limit or a budget (429): the budget of this run is used up',
    )
    expect(model.asked).toHaveLength(2)
    expect(await agent.prompt('And now?')).toEqual({ stopReason: 'end_turn' })
    expect(agent.said()).toBe('Here again.')
  })

  test.each(['broken', 'clean'] as const)(
    'a tool asked for in an answer that is cut (%s) does not run',
    async (cut) => {
      await using model = await startModel(wire, [{ ...RUN('touch ran'), text: 'Wait.', cut }])
      await using agent = await startAgent({ wire, url: model.url })
      await expect(agent.prompt('Hello')).rejects.toThrow(/^The answer of the model (was cut off|could not be read)/)
      expect(model.asked).toHaveLength(1)
      expect(agent.updates.filter(({ sessionUpdate }) => sessionUpdate === 'tool_call')).toEqual([])
      expect(agent.stderr()).toBe('')
    },
  )

  test('an answer that got too long, or was refused, ends the turn as such', async () => {
    await using model = await startModel(wire, [
      { ...RUN('touch ran'), ended: 'length' },
      { text: 'I may not.', ended: 'refusal' },
      { text: 'Well.' },
    ])
    await using agent = await startAgent({ wire, url: model.url })
    expect(await agent.prompt('Write a book')).toEqual({ stopReason: 'max_tokens' })
    expect(await agent.prompt('Write a virus')).toEqual({ stopReason: 'refusal' })
    expect(await agent.prompt('Write a line')).toEqual({ stopReason: 'end_turn' })
    expect(model.asked[2]?.body).toContain('Write a book')
    expect(model.asked[2]?.body).not.toContain('Write a virus')
  })

  test('cancel in the middle of an answer ends the turn', async () => {
    await using model = await startModel(wire, [{ text: 'Once upon a time', call: [], hang: true }])
    await using agent = await startAgent({ wire, url: model.url })
    const turn = agent.prompt('Tell me a story')
    await agent.until(() => model.asked.length === 1)
    await agent.cancel()
    expect(await turn).toEqual({ stopReason: 'cancelled' })
    expect(agent.stderr()).toBe('')
  })
})
