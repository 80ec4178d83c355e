// Credentials and connections from the command line and over the API. Each test finally searches for the key in all output
// and in every file of the data folder.
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { createRunCa } from '../../src/gateway/egress/run-ca.ts'
import { findSecret, formsOf } from './find-secret.ts'
import { KEY } from './instance.ts'
import { openProvider } from './provider-server.ts'
import type { ProviderServer } from './provider-server.ts'
import { finished } from '../main-job/glovebox.ts'
import { GLOVEBOX, openShell } from './shell.ts'
import type { Shell } from './shell.ts'
import { openVault, VAULT_TOKEN } from './vault-server.ts'

async function expectNowhere(shell: Shell, secret: string): Promise<void> {
  const printed = shell.printed.join('\n')
  for (const [, text] of formsOf(secret)) expect(printed).not.toContain(text)
  expect(await findSecret(shell.data, secret)).toEqual([])
  // Also search with a plain grep.
  const grep = await shell.run('grep', ['-r', '-a', '-l', '--', secret, shell.data])
  expect(grep).toMatchObject({ code: 1, stdout: '' })
}

async function connect(shell: Shell, provider: ProviderServer): Promise<void> {
  const set = ['connection', 'set', 'openai', '--provider', 'openai', '--url', `${provider.url}/v1`, '--model', 'gpt-5']
  expect(await shell.glovebox(set)).toMatchObject({ code: 0 })
}

test('set from standard input, list, test, rotate and remove reveal the key to nobody but the provider', async () => {
  await using provider = await openProvider()
  await using shell = await openShell()
  provider.keys.add(KEY)
  await connect(shell, provider)
  expect(await shell.glovebox(['credential', 'set', 'openai'], { input: `${KEY}\n` })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Credential openai is stored, sealed under key [0-9a-f]{16}\.\n$/),
    stderr: '',
  })
  const listed = await shell.glovebox(['credential', 'list', '--json'])
  const [{ key }] = JSON.parse(listed.stdout) as [{ key: string }]
  expect(JSON.parse(listed.stdout)).toEqual([
    { name: 'openai', createdAt: expect.any(Number), updatedAt: expect.any(Number), key },
  ])
  expect(await shell.glovebox(['connection', 'test', 'openai'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^ok {2}127\.0\.0\.1:\d+ accepts the key and lists 3 models\n$/),
  })
  const rotated = await shell.glovebox(['credential', 'rotate'])
  expect(rotated).toMatchObject({ code: 0, stdout: expect.stringMatching(/1 credential sealed under it/) })
  expect((await shell.glovebox(['credential', 'list'])).stdout).not.toContain(key)
  expect(await shell.glovebox(['connection', 'test', 'openai'])).toMatchObject({ code: 0 })
  const asked = { path: '/v1/models', key: KEY, version: null }
  expect(provider.seen).toEqual([asked, asked])
  expect((await shell.glovebox(['doctor'])).stdout).toMatch(/ok +stored credentials +1, sealed under [0-9a-f]{16}\n/)
  await expectNowhere(shell, KEY)
  expect(await shell.glovebox(['credential', 'remove', 'openai'])).toMatchObject({ code: 0 })
  expect(await shell.glovebox(['connection', 'test', 'openai'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/the store has no credential openai\n {2}see `\S*glovebox credential list`/),
  })
  await expectNowhere(shell, KEY)
})

test('never prints the error text of a provider, and blames a refused key on the connection', async () => {
  await using provider = await openProvider()
  await using shell = await openShell()
  await connect(shell, provider)
  await writeFile(join(shell.folder, 'key'), `${KEY}\n`)
  expect(await shell.glovebox(['credential', 'set', 'openai', '--file', 'key'])).toMatchObject({ code: 0 })
  const tested = async (...more: string[]): Promise<string> => {
    const { code, stdout, stderr } = await shell.glovebox([
      'connection',
      'test',
      ...(more.length > 0 ? more : ['openai']),
    ])
    return `${code} ${stdout}${stderr}`.replaceAll(provider.url.slice(7), 'HOST')
  }
  provider.keys.add('another')
  expect(await tested()).toBe(
    '4 key-refused  HOST does not accept the key of the connection openai (401)\n  glovebox credential set openai\n',
  )
  provider.keys.clear()
  for (const [status, expected] of [
    [403, /^4 refused {2}HOST refuses \(403\)/],
    [404, /^4 failed {2}HOST answered 404\n {2}check the url of openai/],
    [307, /^4 failed {2}HOST answered 307/],
    [500, /^4 failed {2}HOST answered 500/],
  ] as const) {
    provider.status = status
    expect(await tested()).toMatch(expected)
  }
  provider.status = 200
  provider.models.length = 0
  expect(await tested()).toMatch(/^0 ok .*lists 1 models\nnot listed {2}gpt-5\n/)
  const { url } = provider
  await provider[Symbol.asyncDispose]()
  expect(await tested()).toMatch(/^4 unreachable {2}HOST did not answer: ECONNREFUSED/)
  expect(await tested('openai', '--json')).toContain(`"outcome":"unreachable"`)
  await expectNowhere(shell, KEY)
  expect(url).toBe(provider.url)
})

test('tests each kind of provider with its own request', async () => {
  await using server = await openProvider()
  await using shell = await openShell()
  server.keys.add(KEY)
  for (const [provider, base, path, version] of [
    ['anthropic', '', '/v1/models?limit=1000', '2023-06-01'],
    ['gemini', '', '/v1beta/models?pageSize=1000', null],
    ['openai-compatible', '/llm/v1', '/llm/v1/models', null],
  ] as const) {
    const set = ['connection', 'set', provider, '--provider', provider, '--url', server.url + base, '--model', 'gpt-5']
    expect(await shell.glovebox(set)).toMatchObject({ code: 0 })
    await shell.glovebox(['credential', 'set', provider], { input: KEY })
    expect(await shell.glovebox(['connection', 'test', provider])).toMatchObject({ code: 0 })
    expect(server.seen.splice(0)).toEqual([{ path, key: KEY, version }])
  }
})

test('refuses an invalid key or a key as an argument with exit code 2, and repeats neither', async () => {
  await using shell = await openShell()
  const set = ['credential', 'set', 'openai']
  const model = ['--provider', 'openai', '--url', 'http://127.0.0.1:9/v1', '--model', 'm']
  expect(await shell.glovebox(['connection', 'set', 'openai', ...model])).toMatchObject({ code: 0 })
  for (const [args, input, expected] of [
    [set, '', /the value is empty/],
    [set, `${KEY}\n${KEY}\n`, /the value has a line break in it/],
    [set, KEY.repeat(5000), /standard input is too long for a secret/],
    [set, `${KEY}\u0000`, /other than visible ASCII/],
    [[...set, KEY], '', /the value must not be an argument/],
    [[...set, `--value=${KEY}`], '', /the value must not be an argument/],
  ] as const) {
    const { code, stderr } = await shell.glovebox(args, { input })
    expect(code).toBe(2)
    expect(stderr).toMatch(expected)
  }
  expect((await shell.glovebox(['credential', 'list'])).stdout).toBe('No credential is stored yet.\n')
  await expectNowhere(shell, KEY)
})

test('does not show a key that is typed on a terminal, and stores nothing after Ctrl-C', async () => {
  await using shell = await openShell()
  const type = async (input: string): Promise<string> => {
    // `script` runs the command on a terminal.
    const line = `'${GLOVEBOX}' credential set openai; echo "exit $?"`
    const child = shell.start('script', ['--quiet', '-c', line, '/dev/null'])
    const done = finished(child)
    let shown = ''
    child.stdout?.on('data', (text: string) => {
      const asked = shown.includes('not shown): ')
      shown += text
      if (!asked && shown.includes('not shown): ')) child.stdin?.write(input)
    })
    const { stdout } = await done
    shell.printed.push(stdout)
    return stdout
  }
  expect(await type('sk-abc\u0003')).toMatch(/the input was cancelled; nothing was stored[^]*exit 2/)
  expect((await shell.glovebox(['credential', 'list'])).stdout).toBe('No credential is stored yet.\n')
  const shown = await type(`${KEY}x\u007f\r`)
  expect(shown).toMatch(/Value of openai \(it is not shown\): \r?\nCredential openai is stored[^]*exit 0/)
  await expectNowhere(shell, KEY)
})

test('over TCP it requires a token, records the requester, and never answers with the value', async () => {
  await using shell = await openShell()
  const server = shell.start(GLOVEBOX, ['serve', '--port', '0', '--json'])
  const ended = new Promise((resolve) => server.once('close', resolve))
  try {
    const { url, tokenFile } = await firstLine(server.stdout!)
    const token = (await readFile(tokenFile, 'utf8')).trim()
    const put = async (path: string, body: unknown, authorization = `Bearer ${token}`): Promise<string> => {
      const headers = { authorization, 'content-type': 'application/json' }
      const answer = await fetch(`${url}${path}`, { method: 'PUT', headers, body: JSON.stringify(body) })
      return `${answer.status} ${await answer.text()}`
    }
    expect(await put('/credentials/openai', { value: KEY }, 'Bearer wrong')).toMatch(/^401 /)
    const answers = [
      await put('/credentials/openai', { value: `${KEY}\u0000x` }),
      await put('/credentials/openai', { value: KEY, [KEY]: 1 }),
      await put('/credentials/openai', { value: [KEY] }),
      await put('/credentials/open%20ai', { value: KEY }),
      await put('/credentials/openai', { value: KEY }),
    ]
    expect(answers.map((answer) => answer.slice(0, 3))).toEqual(['400', '400', '400', '400', '200'])
    // An answer may only quote the name of an unknown field.
    expect([answers[0], answers[2], answers[3], answers[4]].join('\n')).not.toContain(KEY)
    // Now the command line uses the running server.
    expect((await shell.glovebox(['credential', 'list'])).stdout).toMatch(/^CREDENTIAL .*\nopenai /)
    expect(await shell.glovebox(['credential', 'rotate', '--as', 'service:nightly'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('service:nightly may not manage credential: no policy permits it'),
    })
    expect(await shell.glovebox(['credential', 'rotate'])).toMatchObject({ code: 0 })
  } finally {
    server.kill('SIGTERM')
    await ended
  }
  await expectNowhere(shell, KEY)
})

test('a wrong master key ends with exit code 4 and is named; without credentials it blocks nothing', async () => {
  await using shell = await openShell()
  const variable = (bytes: Buffer): { env: Record<string, string> } => ({
    env: { GLOVEBOX_MASTER_KEY: bytes.toString('base64') },
  })
  const [right, wrong] = [variable(randomBytes(32)), variable(randomBytes(32))]
  await shell.glovebox([
    'connection',
    'set',
    'it',
    '--provider',
    'openai',
    '--url',
    'http://127.0.0.1:9',
    '--model',
    'm',
  ])
  expect(await shell.glovebox(['credential', 'set', 'it'], { input: KEY, ...right })).toMatchObject({ code: 0 })
  for (const args of [
    ['connection', 'test', 'it'],
    ['credential', 'rotate'],
  ]) {
    expect(await shell.glovebox(args, wrong)).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/the master key in GLOVEBOX_MASTER_KEY .* is not the one/),
    })
  }
  expect(await shell.glovebox(['doctor'], wrong)).toMatchObject({
    code: 4,
    stdout: expect.stringMatching(
      /missing +stored credentials +the master key in GLOVEBOX_MASTER_KEY .* is not the one/,
    ),
  })
  expect(await shell.glovebox(['credential', 'list'], wrong)).toMatchObject({ code: 0 })
  expect(await shell.glovebox(['credential', 'list'], { env: { GLOVEBOX_MASTER_KEY: 'hunter2' } })).toMatchObject({
    code: 4,
    stderr: expect.stringMatching(/GLOVEBOX_MASTER_KEY holds no key[^]*openssl rand -base64 32/),
  })
  expect(shell.printed.join('')).not.toContain('hunter2')
  await expectNowhere(shell, KEY)
})

test('connections of glovebox.yaml take precedence, can use Vault over TLS, and cannot be changed by the API', async () => {
  await using provider = await openProvider()
  const ca = await createRunCa()
  await using vault = await openVault(await ca.certificateFor('127.0.0.1'))
  vault.secrets.set('team|kv/openai', { key: KEY })
  provider.keys.add(KEY)
  await using shell = await openShell(`
models:
  corp:
    provider: openai
    url: ${provider.url}/v1
    models: [gpt-5]
    prices: { gpt-5: { input: 1.25, output: 10 } }
    credential:
      from: vault
      address: ${vault.address}
      mount: kv
      path: openai
      field: key
      namespace: team
      token: { from: file, path: vault-token }
  program:
    provider: openai-compatible
    url: ${provider.url}
    models: [gpt-5]
    credential: { from: command, argv: [printf, ${KEY.slice(0, 6)}] }
  shared:
    provider: openai
    url: ${provider.url}
    models: [gpt-5]
    credential: { from: stored, name: common }
`)
  await writeFile(join(shell.folder, 'ca.pem'), ca.certificatePem)
  await writeFile(join(shell.data, 'vault-token'), VAULT_TOKEN, { mode: 0o600 })
  const trust = { env: { NODE_EXTRA_CA_CERTS: join(shell.folder, 'ca.pem') } }
  expect(await shell.glovebox(['connection', 'test', 'corp'], trust)).toMatchObject({ code: 0 })
  expect(provider.seen).toEqual([{ path: '/v1/models', key: KEY, version: null }])
  expect(await shell.glovebox(['connection', 'test', 'corp'])).toMatchObject({
    code: 4,
    stderr: expect.stringMatching(/Vault at https:.* did not answer: (SELF_SIGNED|UNABLE_TO_)/),
  })
  const shown = (await shell.glovebox(['connection', 'show', 'program'])).stdout
  expect(shown).toMatch(/Key +the command printf\nSet in +glovebox\.yaml/)
  const set = (name: string): readonly string[] => [
    ...['connection', 'set', name, '--provider', 'openai', '--url', 'http://evil.example', '--model', 'm'],
  ]
  expect(await shell.glovebox(set('corp'))).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/the connection corp is in the configuration file\n {2}change it in glovebox\.yaml/),
  })
  expect(await shell.glovebox(['connection', 'remove', 'corp'])).toMatchObject({ code: 3 })
  // The name of a credential that a connection of the file uses.
  expect(await shell.glovebox(set('common'))).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('the credential common belongs to the connection shared'),
  })
  expect(JSON.parse((await shell.glovebox(['connection', 'list', '--json'])).stdout)).toMatchObject([
    { name: 'corp', origin: 'file', credential: expect.stringContaining('Vault at https://') },
    { name: 'program' },
    { name: 'shared' },
  ])
  await expectNowhere(shell, KEY)
})

async function firstLine(stream: NodeJS.ReadableStream): Promise<{ url: string; tokenFile: string }> {
  let text = ''
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return vi.waitFor(() => JSON.parse(text.split('\n')[0] ?? '') as { url: string; tokenFile: string }, {
    timeout: 50_000,
  })
}
