// Plain agents: a command that gets a prompt, and its output.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readClaudeLine } from '../../src/agents/plain/claude-line.ts'
import type { AgentKind, Launch } from '../../src/agents/types.ts'
import { driveChild } from './drive-child.ts'
import type { DriveChildOptions } from './drive-child.ts'

const PROGRAM = join(import.meta.dirname, 'plain-agent.ts')

function drivePlain(behaviour: string, options: Partial<DriveChildOptions> = {}, stdin: string | null = 'Fix it.') {
  const launch: Launch = { argv: ['node', PROGRAM, behaviour], env: {}, files: [], stdin }
  const kind: AgentKind = {
    name: 'plain',
    title: 'Plain agent',
    protocol: 'plain',
    wires: ['openai-chat'],
    installHint: 'npm install plain-agent',
    program: null,
    launch: () => launch,
    readLine: readClaudeLine,
  }
  return driveChild({ kind, launch, ...options })
}

test('passes the prompt on standard input and records its JSON events as facts', async () => {
  const driven = await drivePlain('well')
  expect(driven).toMatchObject({ outcome: 'end_turn', message: null })
  expect(driven.kinds).toEqual([
    'agent.started',
    'agent.messaged',
    'agent.tool-called',
    'agent.tool-updated',
    'agent.tool-updated',
    'agent.ended',
  ])
  expect(driven.bodies('agent.started')).toMatchObject([
    { title: 'Plain agent', version: '9.9.9', session: 's9', protocol: 'plain', connection: 'main' },
  ])
  expect(driven.bodies('agent.messaged')[0]?.text).toBe('My prompt is: Fix it.')
  expect(driven.bodies('agent.tool-called')).toMatchObject([{ tool: 'execute', command: 'npm test' }])
})

test('records start and end of an agent without events', async () => {
  const launch: Launch = { argv: ['node', '-e', 'console.log("hi")'], env: {}, files: [], stdin: null }
  const kind: AgentKind = {
    name: 'quiet',
    title: 'Quiet',
    protocol: 'plain',
    wires: ['gemini'],
    installHint: '',
    program: null,
    launch: () => launch,
  }
  const driven = await driveChild({ kind, launch })
  expect(driven.kinds).toEqual(['agent.started', 'agent.ended'])
  expect(driven.outcome).toBe('end_turn')
})

test.each([
  ['fails', 'failed', 'plain did not finish. It exited with status 4'],
  ['says-it-failed', 'failed', 'claude reported: API Error: 402'],
  ['lies', 'failed', 'plain did not finish. It exited with status 1'],
  ['floods', 'failed', 'plain printed more than 1000 lines'],
])('an agent that %s has the outcome %s', async (behaviour, outcome, says) => {
  const driven = await drivePlain(behaviour, { bounds: { messages: 1000 } })
  expect(driven.outcome).toBe(outcome)
  expect(driven.message).toContain(says)
  expect(driven.facts.at(-1)).toMatchObject({ kind: 'agent.ended', body: { outcome, message: driven.message } })
})

test('ignores an overlong line and reads the lines after it', async () => {
  const driven = await drivePlain('one-long-line', { bounds: { lineBytes: 100_000 } })
  expect(driven.bodies('agent.messaged').map(({ text }) => text)).toEqual(['after it'])
  expect(driven.outcome).toBe('end_turn')
})

test('a command that does not read its prompt may succeed', async () => {
  expect(await drivePlain('does-not-read', {}, 'x'.repeat(1 << 20))).toMatchObject({ outcome: 'end_turn' })
})

test('waits for a cancelled agent no longer than its grace time', async () => {
  const stop = new AbortController()
  const driven = await drivePlain('never-ends', {
    signal: stop.signal,
    graceMs: 50,
    recording: ({ kind }) => void (kind === 'agent.started' && stop.abort()),
  })
  expect(driven.outcome).toBe('cancelled')
  expect(driven.kinds.at(-1)).toBe('agent.ended')
})

test('a recording failure rejects with its error', async () => {
  const drive = drivePlain('well', {
    recording({ kind }) {
      if (kind === 'agent.tool-called') throw new Error('the disk is full')
    },
  })
  await expect(drive).rejects.toThrow('the disk is full')
})
