// Tool calls from the client's view: reports, permission requests and cancelling.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RequestPermissionRequest, SessionUpdate } from '@agentclientprotocol/sdk'
import { expect, test } from 'vitest'
import { allow, startAgent } from './start-agent.ts'
import { startModel } from './scripted-model.ts'
import type { Say } from './scripted-model.ts'

const RUN = (command: string): Say => ({ call: [{ name: 'shell', input: { command } }] })
const DONE: Say = { text: 'Done.' }

test('a tool call is announced, permitted, started and ended, with its files', async () => {
  await using model = await startModel('openai-chat', [
    { call: [{ name: 'edit', input: { path: 'new/a.txt', old_text: '', new_text: 'hello\n' } }] },
    RUN('cat new/a.txt; exit 3'),
    DONE,
  ])
  const asked: RequestPermissionRequest[] = []
  await using agent = await startAgent({
    wire: 'openai-chat',
    url: model.url,
    permit: (request) => {
      asked.push(request)
      return allow()
    },
  })
  await agent.prompt('Write a file')

  const path = join(agent.folder, 'new/a.txt')
  const [first, second] = ['1-call_0', '2-call_0']
  const edit = {
    toolCallId: first,
    kind: 'edit',
    title: 'Create new/a.txt',
    locations: [{ path }],
    rawInput: { path: 'new/a.txt', old_text: '', new_text: 'hello\n' },
  }
  const shell = {
    toolCallId: second,
    kind: 'execute',
    title: 'cat new/a.txt; exit 3',
    locations: [{ path: agent.folder }],
    rawInput: { command: 'cat new/a.txt; exit 3' },
  }
  const text = 'Exit code 3.\nhello\n'
  expect(agent.updates.slice(0, -1)).toEqual([
    { sessionUpdate: 'tool_call', status: 'pending', ...edit },
    { sessionUpdate: 'tool_call_update', status: 'in_progress', toolCallId: first },
    {
      sessionUpdate: 'tool_call_update',
      status: 'completed',
      toolCallId: first,
      content: [{ type: 'diff', path, oldText: null, newText: 'hello\n' }],
      rawOutput: { text: `Created ${path}.` },
    },
    { sessionUpdate: 'tool_call', status: 'pending', ...shell },
    { sessionUpdate: 'tool_call_update', status: 'in_progress', toolCallId: second },
    {
      sessionUpdate: 'tool_call_update',
      status: 'failed',
      toolCallId: second,
      content: [{ type: 'content', content: { type: 'text', text } }],
      rawOutput: { text, pid: expect.any(Number), exitCode: 3, signal: null, ended: 'by itself', outputBytes: 6 },
    },
  ])
  expect(asked.map(({ toolCall }) => toolCall)).toEqual([edit, shell])
  expect(asked[0]?.options.map(({ kind }) => kind)).toEqual(['allow_once', 'reject_once'])
})

test.each([
  ['rejects', () => ({ outcome: { outcome: 'selected' as const, optionId: 'reject' } })],
  [
    'answers with an option that was not offered',
    () => ({ outcome: { outcome: 'selected' as const, optionId: 'yes' } }),
  ],
  ['says that it was cancelled', () => ({ outcome: { outcome: 'cancelled' as const } })],
  ['fails', () => Promise.reject(new Error('broken'))],
])('nothing runs when the client %s', async (_, permit) => {
  await using model = await startModel('anthropic', [RUN('touch ran'), DONE])
  await using agent = await startAgent({ wire: 'anthropic', url: model.url, permit })
  expect(await agent.prompt('Go')).toEqual({ stopReason: 'end_turn' })
  expect(existsSync(join(agent.folder, 'ran'))).toBe(false)
  expect(agent.told()).toEqual([expect.stringMatching(/^failed: Not allowed/)])
  expect(model.asked[1]?.body).toContain('Not allowed')
})

test('asks no permission for reading, or if the platform turns permissions off', async () => {
  await using model = await startModel('gemini', [RUN('touch ran'), DONE])
  const asked: unknown[] = []
  await using agent = await startAgent({
    wire: 'gemini',
    url: model.url,
    env: { GLOVEBOX_AGENT_PERMISSIONS: 'none' },
    permit: (request) => {
      asked.push(request)
      return allow()
    },
  })
  await agent.prompt('Go')
  expect(existsSync(join(agent.folder, 'ran'))).toBe(true)
  expect(asked).toEqual([])
})

test('cancel ends a command with its child processes, even if they ignore SIGTERM', async () => {
  const command = `(trap '' TERM; echo $$ >child; while :; do sleep 0.1; done) & trap '' TERM; touch up; wait`
  await using model = await startModel('anthropic', [RUN(command)])
  await using agent = await startAgent({ wire: 'anthropic', url: model.url })
  const turn = agent.prompt('Go')
  await agent.until(() => existsSync(join(agent.folder, 'up')) && existsSync(join(agent.folder, 'child')))
  await agent.cancel()
  expect(await turn).toEqual({ stopReason: 'cancelled' })
  expect(agent.told()).toEqual([expect.stringMatching(/^failed: Cancelled\./)])
  const group = groupOf(agent.updates)
  await agent.until(() => !runs(group))
  expect(model.asked).toHaveLength(1)
})

test('cancel during a permission request does not wait for the answer', async () => {
  await using model = await startModel('anthropic', [RUN('touch ran'), DONE])
  const asked: unknown[] = []
  await using agent = await startAgent({
    wire: 'anthropic',
    url: model.url,
    permit: (request) => {
      asked.push(request)
      return new Promise(() => undefined)
    },
  })
  const turn = agent.prompt('Go')
  await agent.until(() => asked.length === 1)
  await agent.cancel()
  expect(await turn).toEqual({ stopReason: 'cancelled' })
  expect(await agent.prompt('Again')).toEqual({ stopReason: 'end_turn' })
  // Every call of the history has a result, or a provider would refuse it.
  expect(model.asked[1]?.body).toContain('Not carried out')
})

test('the command and the agent end when the client disconnects', async () => {
  await using model = await startModel('anthropic', [RUN('echo $$ >pid; touch up; sleep 1000')])
  await using agent = await startAgent({ wire: 'anthropic', url: model.url })
  const turn = agent.prompt('Go').catch(() => 'gone')
  await agent.until(() => existsSync(join(agent.folder, 'up')))
  const group = Number(readFileSync(join(agent.folder, 'pid'), 'utf8'))
  expect(runs(group)).toBe(true)
  agent.child.stdin.end()
  expect(await agent.exited).toEqual([0, null])
  while (runs(group)) await sleep(10)
  expect(await turn).toBe('gone')
})

test('ten megabytes of output, or a file of that size, are shortened for the model and the client', async () => {
  await using model = await startModel('anthropic', [
    RUN('yes 0123456789 | head -c 10000000 | tee big; echo; echo the end'),
    { call: [{ name: 'read', input: { path: 'big' } }] },
    DONE,
  ])
  await using agent = await startAgent({ wire: 'anthropic', url: model.url })
  expect(await agent.prompt('Go')).toEqual({ stopReason: 'end_turn' })
  const [shell, read] = agent.told()
  expect(shell).toMatch(/bytes left out[^]*the end\n$/)
  expect(read).toMatch(/\[line \d+ of 909091 comes next\]$/)
  expect(JSON.stringify(agent.updates).length).toBeLessThan(400_000)
  expect(model.asked[2]!.body.length).toBeLessThan(200_000)
})

test('runs several calls of one answer one after the other, and finish last', async () => {
  const call = [
    { name: 'finish', input: { summary: 'Only half.', goal_met: false } },
    { name: 'shell', input: { command: 'sleep 0.2; echo first >>order' } },
    { name: 'shell', input: { command: 'echo second >>order; cat order' } },
  ]
  await using model = await startModel('gemini', [{ call }, DONE])
  await using agent = await startAgent({ wire: 'gemini', url: model.url })
  const response = await agent.prompt('Go')
  expect(response).toMatchObject({ stopReason: 'end_turn', _meta: { glovebox: { goalMet: false } } })
  expect(agent.told()[1]).toBe('completed: Exit code 0.\nfirst\nsecond\n')
  expect(agent.said()).toContain('The goal is not met. Only half.')
  expect(model.asked).toHaveLength(1)
})

test('reports an unknown tool and invalid input to the model', async () => {
  await using model = await startModel('openai-chat', [
    { call: [{ name: 'launch', input: {} }] },
    { call: [{ name: 'shell', input: { cmd: 'true' } }] },
    { call: [{ name: 'read', input: { path: 'missing' } }] },
    DONE,
  ])
  await using agent = await startAgent({ wire: 'openai-chat', url: model.url })
  expect(await agent.prompt('Go')).toEqual({ stopReason: 'end_turn' })
  expect(model.asked[1]?.body).toContain('unavailable tool')
  expect(model.asked[2]?.body).toContain('This call could not be carried out')
  expect(agent.told()).toEqual([expect.stringMatching(/^failed: ENOENT/)])
})

test('stops a model that never finishes after the allowed turns', async () => {
  await using model = await startModel('anthropic', [RUN('true')])
  await using agent = await startAgent({ wire: 'anthropic', url: model.url, env: { GLOVEBOX_AGENT_MAX_TURNS: '3' } })
  expect(await agent.prompt('Go')).toEqual({ stopReason: 'max_turn_requests' })
  expect(model.asked).toHaveLength(3)
})

test("commands do not see the variables of the agent's model connection", async () => {
  await using model = await startModel('anthropic', [RUN('env'), DONE])
  await using agent = await startAgent({ wire: 'anthropic', url: model.url, env: { OTHER: 'seen' } })
  await agent.prompt('Go')
  expect(agent.told()[0]).toContain('OTHER=seen')
  expect(agent.told()[0]).not.toMatch(/GLOVEBOX_|dummy-of-this-run/)
})

function groupOf(updates: readonly SessionUpdate[]): number {
  const ended = updates.find((update) => update.sessionUpdate === 'tool_call_update' && update.rawOutput)
  return (ended as { rawOutput: { pid: number } }).rawOutput.pid
}

/** Whether a process of the group still runs. */
function runs(group: number): boolean {
  try {
    return process.kill(-group, 0)
  } catch {
    return false
  }
}
