import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Anthropic from '@anthropic-ai/sdk'
import { expect, onTestFinished, test } from 'vitest'
import { key, offered, openScene, prompt } from './repair-scene.ts'

const project = join(import.meta.dirname, '../..')
const tools = Object.entries(offered).map(([name, input_schema]) => ({ name, input_schema }))
const request = { model: 'm', max_tokens: 1000, messages: [{ role: 'user' as const, content: prompt }] }

test('a model that never finds an end asks for the same again and again', async () => {
  const script = {
    name: 'endless',
    afterwards: 'repeat' as const,
    turns: [{ calls: [{ tool: 'run' as const, command: 'true' }] }],
  }
  const model = await openScene({ script })
  const client = new Anthropic({ baseURL: model.url, apiKey: key })
  const result = { type: 'tool_result' as const, tool_use_id: 'any', content: '' }
  const messages = [...request.messages, { role: 'user' as const, content: Array.from({ length: 50 }, () => result) }]
  const { content } = await client.messages.create({ ...request, messages, tools })
  expect(content).toMatchObject([{ type: 'tool_use', name: 'Bash', id: 'tu_call_50' }])
})

test('an agent that offers only a shell gets the rest as commands', async () => {
  const calls = [
    { tool: 'read' as const, path: "it's.js" },
    { tool: 'exactly' as const, name: 'WebFetch', arguments: { url: 'x' } },
  ]
  const model = await openScene({ script: { name: 'shell', turns: [{ calls }] } })
  const client = new Anthropic({ baseURL: model.url, apiKey: key })
  const shell = { name: 'shell', input_schema: { type: 'object' as const, properties: { command: { type: 'array' } } } }
  const { content } = await client.messages.create({ ...request, tools: [shell] })
  expect(content).toMatchObject([
    { name: 'shell', input: { command: ['bash', '-c', String.raw`cat 'it'\''s.js'`] } },
    { name: 'WebFetch', input: { url: 'x' } },
  ])
})

test('a first byte that is held back comes when it is let go, and a client may leave before', async () => {
  const model = await openScene()
  const gate = Promise.withResolvers<void>()
  model.misbehave({ kind: 'hold', until: gate.promise, times: 2 })
  const client = new Anthropic({ baseURL: model.url, apiKey: key, maxRetries: 0 })
  const leaving = new AbortController()
  const left = client.messages.create(request, { signal: leaving.signal }).catch((error: unknown) => error)
  await expect.poll(() => model.exchanges[0]?.request.length).toBeGreaterThan(0)
  leaving.abort()
  expect(await left).toBeInstanceOf(Anthropic.APIUserAbortError)
  await expect.poll(() => model.exchanges[0]?.end).toBe('left')
  const answered = client.messages.create(request)
  await expect.poll(() => model.exchanges[1]?.request.length).toBeGreaterThan(0)
  expect(model.exchanges[1]?.status).toBeUndefined()
  gate.resolve()
  expect((await answered).type).toBe('message')
})

test('a provider that is overloaded twice is asked a third time, and the answer is the turn that was due', async () => {
  const model = await openScene()
  model.misbehave({ kind: 'status', status: 529, retryAfter: 0, times: 2 })
  const client = new Anthropic({ baseURL: model.url, apiKey: key, maxRetries: 2 })
  await client.messages.create({ ...request, tools })
  expect(model.exchanges.map((each) => [each.status, each.played])).toEqual([
    [529, undefined],
    [529, undefined],
    [200, 0],
  ])
})

test('a model that repeats a secret says it in front of its words', async () => {
  const model = await openScene()
  model.misbehave({ kind: 'echo', text: 'the-secret' })
  const client = new Anthropic({ baseURL: model.url, apiKey: key })
  const { content } = await client.messages.create(request)
  expect(content).toMatchObject([{ text: 'the-secret\nA scripted answer' }])
})

test('from the command line it prints its URL, takes its key from a file and ends on SIGTERM', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'glovebox-scripted-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'key'), `${key}\n`)
  const script = join(import.meta.dirname, 'scripts/fix-leap-year.json')
  const main = join(import.meta.dirname, 'main.ts')
  const argv = [
    main,
    '--script',
    script,
    '--key-file',
    join(folder, 'key'),
    '--prefix',
    '/any',
    '--misbehave',
    '{"kind":"cut","after":0}',
  ]
  const child = spawn(join(project, 'bin/node'), argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string]
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/any$/)
  const client = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 })
  await expect(client.messages.create(request)).rejects.toBeInstanceOf(Anthropic.APIConnectionError)
  const { content } = await client.messages.create({ ...request, tools })
  expect(content.at(-1)).toMatchObject({ name: 'Read', input: { file_path: '/project/a/src/leap-year.js' } })
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})
