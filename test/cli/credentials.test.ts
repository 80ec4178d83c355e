// The commands for connections and credentials, in front of a server that may say anything.
import { expect, test } from 'vitest'
import { CONTROLS, HOSTILE } from './samples.ts'
import { sampleTerminals } from './sample-terminals.ts'

const terminals = sampleTerminals()
const SET = ['connection', 'set', 'openai', '--provider', 'openai', '--url', 'https://api.openai.com/v1']

test('connection set hands over what was typed, and shows it', async () => {
  const { type } = await terminals.open()
  const { code, stdout } = await type(
    ...SET,
    ...['--model', 'gpt-5', '--model', 'gpt-5-mini', '--price', 'gpt-5=1.25/10/0.125', '--price', 'gpt-5-mini=0.25/2'],
    ...['--currency', 'EUR', '--server-tool', 'web_search', '--field', 'service_tier=priority'],
  )
  expect(code).toBe(0)
  expect(stdout).toContain('Price         gpt-5: 1.25 in, 10 out, 0.125 cached EUR per million tokens\n')
  expect(JSON.parse((await type('connection', 'show', 'openai', '--json')).stdout)).toEqual({
    kind: 'model',
    name: 'openai',
    provider: 'openai',
    url: 'https://api.openai.com/v1',
    models: ['gpt-5', 'gpt-5-mini'],
    prices: { 'gpt-5': { input: 1.25, output: 10, 'cached-input': 0.125 }, 'gpt-5-mini': { input: 0.25, output: 2 } },
    currency: 'EUR',
    'server-tools': ['web_search'],
    fields: ['service_tier=priority'],
    credential: 'stored as openai',
    unencrypted: false,
    origin: 'api',
  })
  expect((await type('connection')).stdout).toMatch(/^CONNECTION .*\nopenai +model +openai +API +https:/)
  expect((await type('connection', 'remove', 'openai')).stdout).toBe('Connection openai removed.\n')
  expect((await type('connection', 'list')).stdout).toContain('There are no connections yet')
  expect(await type('connection', 'show', 'openai')).toMatchObject({ code: 2 })
})

test.each([
  ['no model', SET],
  ['no URL', ['connection', 'set', 'x', '--provider', 'openai', '--model', 'm']],
  ['an unknown provider', ['connection', 'set', 'x', '--provider', 'oracle', '--url', 'http://x', '--model', 'm']],
  ['a price that is none', [...SET, '--model', 'm', '--price', 'm=cheap']],
  ['a currency that is none', [...SET, '--model', 'm', '--currency', 'euro']],
  [
    'a URL with a password',
    ['connection', 'set', 'x', '--provider', 'openai', '--url', 'http://u:p@x', '--model', 'm'],
  ],
  [
    'a name that is none',
    ['connection', 'set', 'Open AI', '--provider', 'openai', '--url', 'http://x', '--model', 'm'],
  ],
] as const)('connection set with %s is exit code 2', async (_, args) => {
  expect(await (await terminals.open()).type(...args)).toMatchObject({ code: 2, stdout: '' })
})

test('a connection without TLS is shown as what it is', async () => {
  const { type } = await terminals.open()
  const clear = ['connection', 'set', 'corp', '--provider', 'openai', '--url', 'http://10.0.0.7:8000', '--model', 'm']
  const warning = /^Careful +without TLS, anyone on the network path can read the requests and the key/m
  expect((await type(...clear)).stdout).toMatch(warning)
  expect((await type('connection', 'show', 'corp')).stdout).toMatch(warning)
  expect((await type(...SET, '--model', 'm')).stdout).not.toContain('Careful')
})

test('connection set --no-key asks for none', async () => {
  const { type, instance } = await terminals.open()
  await type(...SET, '--model', 'm', '--no-key')
  expect((await instance.store.connections.get('openai'))?.credential).toEqual({ from: 'none' })
})

test('credential set takes standard input, without its last line break', async () => {
  const { type, instance } = await terminals.open({ input: 'sk-1\n' })
  expect((await type('credential', 'set', 'openai')).code).toBe(0)
  expect(await instance.secretOf('openai')).toBe('sk-1')
  expect((await type('credential', 'rotate')).stdout).toMatch(
    /^The master key is [0-9a-f]{16} now; 1 credential sealed under it\.\n$/,
  )
  expect((await type('credential', 'remove', 'openai')).stdout).toBe('Credential openai removed.\n')
})

test('what a connection test says reaches a terminal as text', async () => {
  const { type, instance } = await terminals.open({ tty: true, env: { NO_COLOR: '1' } })
  await type(...SET, '--model', 'm', '--no-key')
  Object.assign(instance.connectionTest, { outcome: 'failed', message: HOSTILE, cure: HOSTILE, missing: [HOSTILE] })
  const { code, stdout } = await type('connection', 'test', 'openai')
  expect(code).toBe(4)
  expect(stdout).not.toMatch(CONTROLS)
})
