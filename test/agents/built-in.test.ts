// The built-in agent, driven like by the runner: the real program with a scripted model.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { builtIn } from '../../src/agents/presets/built-in.ts'
import type { ModelAddress, PermissionRequest } from '../../src/agents/types.ts'
import type { Wire } from '../../src/domain/connections/model-connection.ts'
import { startModel } from '../agent/scripted-model.ts'
import type { Say } from '../agent/scripted-model.ts'
import { driveChild, launchOptions, MODEL } from './drive-child.ts'
import type { DriveChildOptions } from './drive-child.ts'

const AGENT = join(import.meta.dirname, '../../agent')
const FINISH: Say = { call: [{ name: 'finish', input: { summary: 'Fixed it.', goal_met: true } }] }
const RUN: Say = { text: 'I run it.', call: [{ name: 'shell', input: { command: 'node sum.js && echo checked' } }] }

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'glovebox-drive-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function drive(wire: Wire, url: string, options: Partial<DriveChildOptions> = {}, maxTurns = 20) {
  const model: ModelAddress = { ...MODEL, wire, url }
  const launch = builtIn.launch(launchOptions({ model, folder: AGENT, home: folder, cwd: folder, maxTurns }))
  return driveChild({ kind: builtIn, launch, model, cwd: folder, ...options })
}

const SCRIPTED = {
  'anthropic-messages': 'anthropic',
  'openai-responses': 'openai-responses',
  'openai-chat': 'openai-chat',
  gemini: 'gemini',
} as const

describe.each(Object.entries(SCRIPTED))('over %s', (wire, scripted) => {
  test('announces, asks for, carries out and reports its actions', async () => {
    await using model = await startModel(scripted, [
      { call: [{ name: 'edit', input: { path: 'sum.js', old_text: 'a - b', new_text: 'a + b' } }] },
      RUN,
      FINISH,
    ])
    writeFileSync(join(folder, 'sum.js'), 'const sum = (a, b) => a - b\nif (sum(1, 2) !== 3) throw new Error()\n')
    const asked: PermissionRequest[] = []
    const driven = await drive(wire as Wire, model.url, { permit: (request) => asked.push(request) > 0 })

    expect(driven).toMatchObject({ outcome: 'end_turn', message: null, stderr: '' })
    expect(readFileSync(join(folder, 'sum.js'), 'utf8')).toContain('a + b')
    expect(driven.kinds).toEqual([
      'agent.started',
      'agent.tool-called',
      'agent.asked',
      'agent.tool-updated',
      'agent.tool-updated',
      'agent.messaged',
      'agent.tool-called',
      'agent.asked',
      'agent.tool-updated',
      'agent.tool-updated',
      'agent.messaged',
      'agent.ended',
    ])
    expect(driven.bodies('agent.tool-called')).toMatchObject([
      { tool: 'edit', paths: [join(folder, 'sum.js')], command: null },
      { tool: 'execute', command: 'node sum.js && echo checked' },
    ])
    expect(asked.map(({ tool, command, complete }) => [tool, command, complete])).toEqual([
      ['edit', null, true],
      ['execute', 'node sum.js && echo checked', true],
    ])
    const outputs = driven.bodies('agent.tool-updated').map(({ output }) => driven.blobs.get(output ?? ''))
    expect(outputs.at(-1)).toContain('checked')
  })
})

test('does not carry out a denied action', async () => {
  await using model = await startModel('openai-chat', [
    { call: [{ name: 'edit', input: { path: 'a.js', old_text: '1', new_text: '2' } }] },
    FINISH,
  ])
  writeFileSync(join(folder, 'a.js'), '1')
  const driven = await drive('openai-chat', model.url, { permit: () => false })
  expect(readFileSync(join(folder, 'a.js'), 'utf8')).toBe('1')
  expect(driven.bodies('agent.tool-updated').at(-1)).toMatchObject({ status: 'failed' })
  expect(driven.outcome).toBe('end_turn')
})

test('reports used-up turns, a failing model, and cancelling as outcomes', async () => {
  await using busy = await startModel('openai-chat', [RUN])
  expect(await drive('openai-chat', busy.url, {}, 2)).toMatchObject({ outcome: 'max_turn_requests', message: null })

  await using refusing = await startModel('openai-chat', [{ status: 403 }])
  const refused = await drive('openai-chat', refusing.url)
  expect(refused.outcome).toBe('failed')
  expect(refused.message).toContain('built-in answered with an error')

  await using silent = await startModel('openai-chat', [{ text: 'x', hang: true }])
  const stop = new AbortController()
  const driving = drive('openai-chat', silent.url, { signal: stop.signal })
  await expect.poll(() => silent.asked.length, { timeout: 30_000 }).toBe(1)
  stop.abort()
  expect(await driving).toMatchObject({ outcome: 'cancelled', message: null })
})

test('fails without its settings and says where to look', async () => {
  const launch = builtIn.launch(launchOptions({ folder: AGENT, home: folder, cwd: folder }))
  const env = { ...launch.env, GLOVEBOX_MODEL_WIRE: 'telegraph' }
  const driven = await driveChild({ kind: builtIn, launch: { ...launch, env }, cwd: folder })
  expect(driven.message).toContain('It exited with status 2. Its standard error is in the output of the step.')
  expect(driven.stderr).toContain('GLOVEBOX_MODEL_WIRE is not valid')
})
