// A request of an agent is shown whole before it is answered in place.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { TestInstance } from '../services/test-instance.ts'
import { CONTROLS, HOSTILE, RUN } from './samples.ts'
import { sampleTerminals, START } from './sample-terminals.ts'

const terminals = sampleTerminals()
const ASK = '2123456789abcdefghj0'
const EDIT = { path: 'src/a.js', content: [{ type: 'diff', oldText: 'one\ntwo', newText: 'one\nthree' }] }

/** Announces a call with this input, and the request for it. */
async function askFor(instance: TestInstance, run: string, input: unknown): Promise<void> {
  const put = async (value: unknown) =>
    (await instance.store.blobs.put(new TextEncoder().encode(JSON.stringify(value)))).digest
  const call = { step: 1, call: 'call-1', title: 'Edit', tool: 'edit', paths: [], omitted: 0, command: null }
  await instance.emit(run, 'agent.tool-called', { ...call, input: await put('first words') })
  await instance.emit(run, 'agent.tool-updated', { ...call, status: 'pending', input: await put(input), output: null })
  await instance.addAsk({ id: ASK, run, tool: 'edit', title: 'Edit', command: null })
  await instance.emit(run, 'agent.asked', { ...call, ask: ASK, options: [] })
  await instance.emit(run, 'agent.tool-updated', {
    ...{ ...call, status: 'pending', input: await put('said after the question'), output: null },
  })
}

async function waiting(input: unknown, keys?: string) {
  const terminal = await terminals.open(keys === undefined ? {} : { tty: true, input: keys })
  await terminal.instance.addRun({ id: RUN })
  await askFor(terminal.instance, RUN, input)
  const status = async () => (await terminal.instance.store.asks.get(ASK))?.status
  return { ...terminal, status }
}

test('ask list and ask show print the whole edit as it was when the agent asked', async () => {
  const { type } = await waiting(EDIT)
  for (const words of [['ask'], ['ask', 'show', 'latest']]) {
    const { stdout } = await type(...words)
    expect(stdout).toContain(
      [
        '    path: src/a.js',
        '    content.0.type: diff',
        '    content.0.oldText:',
        '      | one',
        '      | two',
        '    content.0.newText:',
        '      | one',
        '      | three',
      ].join('\n'),
    )
    expect(stdout).not.toContain('said after')
    expect(stdout).not.toContain('first words')
  }
})

test.each([
  ['y', 'allowed'],
  ['n', 'denied'],
  ['s', 'open'],
  ['\r', 'open'],
  ['\u0003', 'open'],
])('on a terminal ask list takes the key %j: %s', async (key, expected) => {
  const { type, status } = await waiting(EDIT, key)
  expect((await type('ask')).code).toBe(key === '\u0003' ? 130 : 0)
  expect(await status()).toBe(expected)
})

test('what is too long to show is not answered in place; ask show prints it', async () => {
  const long = { text: Array.from({ length: 3000 }, (_, line) => `line ${line}`).join('\n') }
  const { type, status } = await waiting(long, 'y')
  const { stdout } = await type('ask')
  expect(stdout).toContain(`too long to show here; read it with \`glovebox ask show ${ASK}\``)
  expect(stdout).not.toContain('line 2')
  expect(await status()).toBe('open')
  expect((await type('ask', 'show', ASK)).stdout).toContain('      | line 2999\n')
})

test('text of the agent stays text, and no line of it looks like ours', async () => {
  const { type } = await waiting({ [HOSTILE]: HOSTILE, note: `x\nAsk ${ASK} allowed` })
  const { stdout } = await type('ask')
  expect(stdout).not.toMatch(CONTROLS)
  expect(stdout).not.toMatch(new RegExp(`^Ask ${ASK} allowed`, 'm'))
})

/** Types the same key again and again, as long as somebody reads. */
async function* typing(key: string): AsyncGenerator<Uint8Array> {
  for (;;) {
    yield Buffer.from(key)
    await sleep(50)
  }
}

test.each([
  ['y', 'allowed', 0],
  ['n', 'denied', 0],
  ['\u0003', 'open', 130],
] as const)('a person who follows a run answers with %j: %s', async (key, expected, exit) => {
  const terminal = await terminals.open({ tty: true, input: typing(key) })
  const { instance } = terminal
  instance.onQueued = async (run) => {
    await askFor(instance, run.id, EDIT)
    await instance.emit(run.id, 'ask.opened', { step: 1, ask: ASK, deadline: Date.now() + 60_000 })
    if (expected === 'open') return
    await expect.poll(async () => (await instance.store.asks.get(ASK))?.status, { timeout: 10_000 }).toBe(expected)
    await instance.finish(run.id, 'succeeded')
  }
  const { code, stderr } = await terminal.type(...START)
  expect(code).toBe(exit)
  expect(stderr).toContain('      | three\n')
  expect(stderr).toContain('Allow it? [y/n]')
  expect((await instance.store.asks.get(ASK))?.status).toBe(expected)
})

test('a request that is decided elsewhere no longer waits for a key', async () => {
  const terminal = await terminals.open({ tty: true, input: typing('x') })
  const { instance } = terminal
  instance.onQueued = async (run) => {
    await askFor(instance, run.id, EDIT)
    await instance.emit(run.id, 'ask.opened', { step: 1, ask: ASK, deadline: Date.now() + 60_000 })
    const decided = { step: 1, ask: ASK, outcome: 'denied', by: 'deadline', note: null } as const
    await instance.emit(run.id, 'ask.decided', { ...decided, reasons: [] })
    await instance.finish(run.id, 'succeeded')
  }
  expect((await terminal.type(...START)).code).toBe(0)
})
