// The built-in agent with clients that make wrong, early or broken requests.
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { methods, PROTOCOL_VERSION } from '@agentclientprotocol/sdk'
import type { ContentBlock } from '@agentclientprotocol/sdk'
import { expect, test } from 'vitest'
import { spawnAgent, startAgent } from './start-agent.ts'
import { startModel } from './scripted-model.ts'

const ENV = {
  GLOVEBOX_MODEL_WIRE: 'anthropic',
  GLOVEBOX_MODEL_URL: 'http://127.0.0.1:9/none',
  GLOVEBOX_MODEL: 'scripted-1',
}

test('answers an unknown version of the protocol with the supported one', async () => {
  const lines = await conversation(['{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":999}}'])
  expect(lines).toEqual([expect.objectContaining({ id: 1, result: expect.objectContaining({ protocolVersion: 1 }) })])
  expect(PROTOCOL_VERSION).toBe(1)
})

test('answers broken JSON, binary data and unknown methods with errors, and goes on', async () => {
  const lines = await conversation([
    '{"jsonrpc": nonsense',
    '\u0000\u00ff\u0001',
    '[]',
    '{"jsonrpc":"2.0","id":"x","method":"session/new","params":{"cwd":"/","mcpServers":[]}}',
    '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":1}}',
  ])
  const codes = lines.map((line) => (line as { error?: { code: number } }).error?.code)
  expect(codes).toEqual([-32700, -32700, -32600, -32600, undefined])
})

test.each([
  ['a missing folder', { cwd: '/does/not/exist', mcpServers: [] }, 'is not a folder'],
  ['a relative folder', { cwd: 'src', mcpServers: [] }, 'cwd must be absolute'],
  [
    'MCP servers',
    { cwd: '/', mcpServers: [{ name: 'x', command: '/bin/true', args: [], env: [] }] },
    'does not support MCP servers',
  ],
])('refuses a session with %s', async (_, request, message) => {
  await using agent = await startAgent({ wire: 'anthropic', url: 'http://127.0.0.1:9/none' })
  await expect(agent.agent.request(methods.agent.session.new, request)).rejects.toThrow(message)
})

test('refuses prompts that are empty, name an unknown session, or have an unsupported content type', async () => {
  await using agent = await startAgent({ wire: 'anthropic', url: 'http://127.0.0.1:9/none' })
  const send = (sessionId: string, prompt: ContentBlock[]) =>
    agent.agent.request(methods.agent.session.prompt, { sessionId, prompt })
  await expect(send('another', [{ type: 'text', text: 'Hello' }])).rejects.toMatchObject({ code: -32002 })
  await expect(send(agent.session, [])).rejects.toThrow('the prompt is empty')
  await expect(send(agent.session, [{ type: 'image', data: '', mimeType: 'image/png' }])).rejects.toThrow('with image')
})

test('refuses a second prompt while the first is running, and the first goes on', async () => {
  await using model = await startModel('anthropic', [{ hang: true }])
  await using agent = await startAgent({ wire: 'anthropic', url: model.url })
  const first = agent.prompt('One')
  await agent.until(() => model.asked.length === 1)
  await expect(agent.prompt('Two')).rejects.toThrow('still running')
  await agent.cancel()
  expect(await first).toEqual({ stopReason: 'cancelled' })
})

test('calls the model directly, whatever proxy the sandbox has', async () => {
  await using model = await startModel('anthropic', [{ text: 'Hello.' }])
  const proxy = 'http://127.0.0.1:9'
  await using agent = await startAgent({
    wire: 'anthropic',
    url: model.url,
    env: { NODE_USE_ENV_PROXY: '1', http_proxy: proxy, HTTP_PROXY: proxy, no_proxy: '', NO_PROXY: '' },
  })
  expect(await agent.prompt('Hello')).toEqual({ stopReason: 'end_turn' })
  expect(model.asked).toHaveLength(1)
})

test.each([
  ['GLOVEBOX_MODEL_WIRE', 'smoke-signals', 'GLOVEBOX_MODEL_WIRE is not valid: it must be one of anthropic, '],
  ['GLOVEBOX_MODEL_URL', 'file:///etc/passwd', 'GLOVEBOX_MODEL_URL is not valid: it must be an http URL'],
  ['GLOVEBOX_MODEL', '', 'GLOVEBOX_MODEL is not valid'],
  ['GLOVEBOX_AGENT_MAX_TURNS', '0', 'GLOVEBOX_AGENT_MAX_TURNS is not valid'],
  ['GLOVEBOX_AGENT_PERMISSIONS', 'sometimes', 'GLOVEBOX_AGENT_PERMISSIONS is not valid'],
])('an invalid %s stops the start with its name and without a stack trace', async (name, value, message) => {
  const child = spawnAgent({ ...ENV, [name]: value })
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(message)])
  expect(code).toBe(2)
})

/** Sends each line after the answer to the previous one. */
async function conversation(lines: readonly string[]): Promise<unknown[]> {
  const child = spawnAgent(ENV)
  const exited = once(child, 'exit')
  const answers: unknown[] = []
  const left = [...lines]
  child.stdin.write(`${left.shift()}\n`)
  for await (const line of createInterface({ input: child.stdout })) {
    answers.push(JSON.parse(line))
    const next = left.shift()
    if (next === undefined) child.stdin.end()
    else child.stdin.write(`${next}\n`)
  }
  expect(await exited).toEqual([0, null])
  return answers
}
