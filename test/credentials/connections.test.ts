// Connections that are set through the API: what the API refuses, and which events it records.
import { expect, test } from 'vitest'
import { freshFolder } from '../store/sample-records.ts'
import { ADA, connection, KEY, openInstance } from './instance.ts'

const code = (expected: string) => expect.objectContaining({ name: 'ConnectionError', code: expected })

test('sets, replaces and removes a connection, each with an event', async () => {
  await using folder = await freshFolder()
  await using instance = await openInstance(folder.path)
  const { connections } = instance.credentials
  await connections.set(ADA, connection({ name: 'openai' }))
  await connections.set(ADA, connection({ name: 'openai', models: ['gpt-5', 'gpt-5-mini'] }))
  expect(await connections.get('openai')).toEqual(connection({ name: 'openai', models: ['gpt-5', 'gpt-5-mini'] }))
  await connections.remove(ADA, 'openai')
  expect(await connections.list()).toEqual([])
  expect(await connections.get('openai')).toBe(null)
  await expect(connections.remove(ADA, 'openai')).rejects.toEqual(code('not-found'))
  const events = await instance.events()
  const told = {
    connection: 'openai',
    kind: 'model',
    provider: 'openai',
    url: 'http://127.0.0.1:9/v1',
    credential: 'stored',
  }
  expect(events.map(({ kind, actor, body }) => ({ kind, actor, body }))).toEqual([
    {
      kind: 'connection.set',
      actor: ADA,
      body: { ...told, models: ['gpt-5'], replaced: false, definition: expect.stringMatching(/^sha256:/) },
    },
    {
      kind: 'connection.set',
      actor: ADA,
      body: { ...told, models: ['gpt-5', 'gpt-5-mini'], replaced: true, definition: expect.stringMatching(/^sha256:/) },
    },
    { kind: 'connection.removed', actor: ADA, body: { connection: 'openai' } },
  ])
})

test.each([
  ['run a program', { from: 'command', argv: ['cat', '/etc/shadow'] }],
  ['send a file', { from: 'file', path: '/etc/shadow' }],
  ['send a variable', { from: 'environment', variable: 'AWS_SECRET_ACCESS_KEY' }],
  [
    'send a token to a Vault of its own',
    {
      from: 'vault',
      address: 'http://x',
      mount: 's',
      path: 'p',
      field: 'f',
      token: { from: 'file', path: '/etc/shadow' },
    },
  ],
] as const)('the API can not be used to %s of this machine', async (_, credential) => {
  await using folder = await freshFolder()
  await using instance = await openInstance(folder.path)
  const set = instance.credentials.connections.set(
    ADA,
    connection({ name: 'evil', credential: { ...credential } as never }),
  )
  await expect(set).rejects.toEqual(code('outside-source'))
  expect(await instance.events()).toEqual([])
})

test('does not send a stored key to another host after a change of the address', async () => {
  await using folder = await freshFolder()
  await using instance = await openInstance(folder.path, {
    connections: [connection({ name: 'corp', credential: { from: 'stored', name: 'shared' } })],
  })
  const { connections, stored } = instance.credentials
  await connections.set(ADA, connection({ name: 'openai', url: 'https://api.openai.com/v1' }))
  await stored.set(ADA, 'openai', KEY)
  await stored.set(ADA, 'shared', KEY)
  const evil = connection({ name: 'openai', url: 'https://api.openai.com.evil.example/v1' })
  await expect(connections.set(ADA, evil)).rejects.toEqual(code('keeps-credential'))
  await expect(connections.set(ADA, { ...evil, url: 'http://api.openai.com/v1' })).rejects.toEqual(
    code('keeps-credential'),
  )
  // Nor after removing the connection first, or through another connection that uses the same key.
  await expect(connections.remove(ADA, 'openai')).rejects.toEqual(code('keeps-credential'))
  const borrows = { ...evil, name: 'evil', credential: { from: 'stored', name: 'openai' } as const }
  await expect(connections.set(ADA, borrows)).rejects.toEqual(code('credential-taken'))
  await expect(connections.set(ADA, { ...evil, name: 'shared' })).rejects.toEqual(code('credential-taken'))
  await expect(connections.set(ADA, { ...evil, name: 'corp' })).rejects.toEqual(code('in-file'))
  // Another path on the same host is allowed.
  await connections.set(ADA, connection({ name: 'openai', url: 'https://api.openai.com/v2' }))
  await stored.remove(ADA, 'openai')
  await connections.set(ADA, evil)
})

test('a connection of the configuration file hides one of the API with the same name', async () => {
  await using folder = await freshFolder()
  const ours = connection({ name: 'openai', url: 'https://ours.example' })
  {
    await using instance = await openInstance(folder.path)
    await instance.credentials.connections.set(ADA, connection({ name: 'openai' }))
    await instance.credentials.connections.set(ADA, connection({ name: 'another' }))
  }
  {
    await using instance = await openInstance(folder.path, { connections: [ours] })
    const { connections } = instance.credentials
    expect((await connections.list()).map(({ name, url }) => `${name} ${url}`)).toEqual([
      'another http://127.0.0.1:9/v1',
      'openai https://ours.example',
    ])
    expect(await connections.get('openai')).toEqual(ours)
    expect([connections.inFile('openai'), connections.inFile('another')]).toEqual([true, false])
  }
  await using instance = await openInstance(folder.path)
  expect(await instance.credentials.connections.get('openai')).toEqual(connection({ name: 'openai' }))
})

test('a credential may have several lines, unless a model connection uses it', async () => {
  await using folder = await freshFolder()
  await using instance = await openInstance(folder.path)
  const { connections, reader, stored } = instance.credentials
  const pem = `-----BEGIN PRIVATE KEY-----\n${KEY}\n-----END PRIVATE KEY-----`
  await stored.set(ADA, 'signing', pem)
  expect((await reader.known()).map((secret) => secret.reveal())).toEqual([pem])
  await connections.set(ADA, connection({ name: 'openai' }))
  const problem = { code: 'bad-secret', message: expect.stringMatching(/^the value has a line break in it/) as string }
  await expect(stored.set(ADA, 'openai', pem)).rejects.toMatchObject(problem)
  // A credential that was set before its connection is not sent, either.
  await connections.set(ADA, connection({ name: 'signing' }))
  await expect(instance.read('signing')).rejects.toMatchObject({ code: 'bad-secret' })
})
