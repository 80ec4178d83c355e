// What `glovebox run` and `glovebox rerun` ask of the server, and what they refuse to ask.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RunRequest } from '../../src/domain/run-request.ts'
import { clientOf } from '../services/client-of.ts'
import { openTerminal } from './terminal.ts'
import { sampleTerminals, START } from './sample-terminals.ts'

const terminals = sampleTerminals()
const HERE = ['--repo', '/r']
const FILE = 'name: mine\ndescription: d\nmode: write\ninputs: { who: { description: w } }\nsteps: [{ run: "true" }]\n'

/** A terminal whose runs end at once, and the requests that it sent. */
async function recording() {
  const terminal = await terminals.open()
  const requests: RunRequest[] = []
  terminal.instance.onQueued = async (run) => {
    requests.push((await terminal.instance.requestOf(run)) as RunRequest)
    await terminal.instance.finish(run.id, 'succeeded')
  }
  return { ...terminal, requests }
}

test('sends the text of a task file, and no path is opened by the server', async () => {
  const { type, requests } = await recording()
  await writeFile(join(terminals.folder, 'mine.yaml'), FILE)
  for (const file of ['mine.yaml', './mine.yaml'])
    expect(await type('run', file, '--input', 'who=me', ...HERE)).toMatchObject({ code: 0 })
  expect(requests.map(({ work }) => work)).toEqual(
    ['mine.yaml', './mine.yaml'].map((file) => ({ kind: 'file', file, text: FILE, inputs: { who: 'me' } })),
  )
})

test('names the place of a mistake in a task file, as `task check` does', async () => {
  const { type, requests } = await recording()
  await writeFile(join(terminals.folder, 'bad.yaml'), FILE.replace('steps', 'stpes'))
  const { code, stderr } = await type('run', './bad.yaml', ...HERE)
  expect(code).toBe(2)
  expect(stderr).toMatch(/\.\/bad\.yaml:5:\d+: /)
  expect(requests).toEqual([])
})

test('sends a prompt with its agent and reach, and a command with its reach', async () => {
  const { type, requests, instance } = await recording()
  await clientOf(instance.services, { id: 'user:alice' }).setConnection({
    params: { connection: 'claude' },
    body: { kind: 'model', provider: 'anthropic', url: 'https://models.example', models: ['m'] },
  })
  await type('run', '--agent', 'claude-code', '--prompt', 'Fix it', '--reach', 'npm', ...HERE)
  await type('run', '--reach', 'npm', '--reach', 'docs', ...HERE, '--', 'npm', 'ci')
  expect(requests).toMatchObject([
    { work: { kind: 'prompt', prompt: 'Fix it', reach: ['npm'] }, mode: null, agent: { name: 'claude-code' } },
    { work: { kind: 'command', argv: ['npm', 'ci'], reach: ['npm', 'docs'] } },
  ])
})

test.each([
  [['run', '--prompt', 'x', ...HERE, '--', 'true'], 'a prompt or a command, not both'],
  [['run', 'tidy', '--prompt', 'x', ...HERE], 'a task or a prompt, not both'],
  [['run', '--prompt', ' ', ...HERE], '--prompt is empty'],
  [['run', '--prompt', 'x', '--input', 'a=b', ...HERE], 'A prompt takes no --input'],
  [['run', 'tidy', '--reach', 'npm', ...HERE], 'a task names its own `reach`'],
  [['run', './none.yaml', ...HERE], "./none.yaml can't be read: the file does not exist"],
])('refuses %j', async (words, message) => {
  const { code, stderr } = await (await terminals.open()).type(...words)
  expect(code).toBe(2)
  expect(stderr).toContain(message)
})

test('run --detach without a server starts nothing and says how to start one', async () => {
  const { type, requests } = await recording()
  const { code, stderr } = await type(...START, '--detach')
  expect(code).toBe(2)
  expect(stderr).toContain('start one with `glovebox serve`')
  expect(requests).toEqual([])
})

test('run --detach leaves the run to the server and prints how to follow it', async () => {
  const lock = { held: false }
  const instance = (await terminals.open()).instance
  const server = openTerminal({ dataFolder: terminals.folder, instance, lock })
  const serving = server.type('serve', '--port', '0')
  await expect.poll(() => server.contexts.length).toBe(1)
  const { type } = openTerminal({ dataFolder: terminals.folder, instance, lock })
  const { code, stdout } = await type(...START, '--detach')
  expect(code).toBe(0)
  const [run] = (await instance.store.runs.list({ limit: 1 })).items
  expect(run?.status).toBe('running')
  for (const text of [
    `trace ${run?.id.slice(-8)} --follow`,
    `runs show ${run?.id.slice(-8)}`,
    `runs cancel ${run?.id.slice(-8)}`,
  ])
    expect(stdout).toContain(text)
  server.interrupt()
  await serving
})

test('rerun sends the same request, names the earlier run on the record, and says what changed since', async () => {
  const { type, requests, instance } = await recording()
  let text = `sha256:${'1'.repeat(64)}`
  const note = instance.onQueued
  instance.onQueued = async (run) => {
    const commit = (requests.length === 0 ? 'a' : 'b').repeat(40)
    await instance.emit(run.id, 'run.planned', {
      ...{ plan: text, commit, target: 'main', task: 'fix-vulnerabilities', taskSource: 'built-in', taskText: text },
      ...{
        mode: 'write',
        sandbox: 'fake',
        toolchain: { node: requests.length === 0 ? '24.1.0' : '24.2.0' },
        notes: [],
      },
      ...{ policyDigest: text, policySet: text },
    } as never)
    text = `sha256:${'2'.repeat(64)}`
    await note(run)
  }
  await type(...START, '--input', 'level=low', '--ref', 'dev')
  const { code, stderr } = await type('rerun', 'latest')
  expect(code).toBe(0)
  const [later, earlier] = (await instance.store.runs.list({ limit: 2 })).items
  expect(requests).toEqual([requests[0], { ...requests[0], idempotencyKey: null, repeats: earlier?.id }])
  expect(await instance.store.events.list({ run: later!.id, kinds: ['run.requested'] })).toMatchObject([
    { body: { repeats: earlier?.id } },
  ])
  for (const change of [
    `from commit ${'a'.repeat(12)} to ${'b'.repeat(12)}`,
    'the text of task fix-vulnerabilities has changed',
    'the policies in force have changed',
    'node is 24.2.0 instead of 24.1.0',
  ])
    expect(stderr).toMatch(new RegExp(`since run ${earlier?.id}: .*${change}`))
})
