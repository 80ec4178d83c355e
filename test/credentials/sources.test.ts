// Keys from outside the store: variables, files, and a fake Vault server.
import { chmod, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { CredentialOptions } from '../../src/credentials/open-credentials.ts'
import type { SecretSource } from '../../src/domain/connections/secret-source.ts'
import { freshFolder } from '../store/sample-records.ts'
import { ADA, connection, KEY, NEVER, openInstance } from './instance.ts'
import type { Instance } from './instance.ts'
import { openVault, VAULT_TOKEN } from './vault-server.ts'
import type { VaultServer } from './vault-server.ts'

async function withInstance(
  work: (instance: Instance, folder: string) => Promise<void>,
  options: Partial<CredentialOptions> = {},
): Promise<void> {
  await using folder = await freshFolder()
  await using instance = await openInstance(folder.path, options)
  await work(instance, folder.path)
}

async function read({ credentials }: Instance, credential: SecretSource, signal = NEVER): Promise<string | null> {
  return (await credentials.reader.read({ kind: 'model', name: 'c', credential }, signal))?.reveal() ?? null
}

async function problem(reading: Promise<unknown>): Promise<{ code: string; message: string; cure: string | null }> {
  const error: unknown = await reading.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ name: 'CredentialError', message: expect.not.stringContaining(KEY) })
  return error as { code: string; message: string; cure: string | null }
}

test('reads a variable each time, so that a new value is used at once', async () => {
  const variables: Record<string, string> = { OPENAI_API_KEY: KEY, EMPTY: '', TWO: `${KEY}\n${KEY}` }
  await withInstance(
    async (instance) => {
      const source = { from: 'environment', variable: 'OPENAI_API_KEY' } as const
      expect(await read(instance, source)).toBe(KEY)
      variables['OPENAI_API_KEY'] = 'sk-new'
      expect(await read(instance, source)).toBe('sk-new')
      for (const [variable, message] of [
        ['UNSET', /UNSET is not set/],
        ['EMPTY', /EMPTY is empty/],
        ['TWO', /the key of c has a line break/],
        ['GLOVEBOX_MASTER_KEY', /a variable of Glovebox itself/],
      ] as const)
        expect((await problem(read(instance, { from: 'environment', variable }))).message).toMatch(message)
    },
    { variable: (name) => variables[name] },
  )
})

test('refuses a file that other users may read', async () => {
  await withInstance(async (instance, folder) => {
    const path = join(folder, 'key')
    const source = { from: 'file', path } as const
    await writeFile(path, `${KEY}\n`, { mode: 0o600 })
    expect(await read(instance, source)).toBe(KEY)
    await symlink(path, join(folder, 'link'))
    expect(await read(instance, { from: 'file', path: join(folder, 'link') })).toBe(KEY)
    for (const mode of [0o640, 0o604, 0o620, 0o602, 0o610]) {
      await chmod(path, mode)
      expect(await problem(read(instance, source))).toMatchObject({ code: 'unsafe-file', cure: `chmod 600 ${path}` })
      expect((await problem(read(instance, { from: 'file', path: join(folder, 'link') }))).code).toBe('unsafe-file')
    }
    expect((await problem(read(instance, { from: 'file', path: `${path}x` }))).message).toMatch(/ENOENT/)
    expect((await problem(read(instance, { from: 'file', path: folder }))).message).toMatch(/not a regular file/)
    expect((await problem(read(instance, { from: 'file', path: '/dev/zero' }))).message).toMatch(/not a regular file/)
    await writeFile(join(folder, 'large'), 'x'.repeat(20_000), { mode: 0o600 })
    expect((await problem(read(instance, { from: 'file', path: join(folder, 'large') }))).code).toBe('bad-secret')
  })
})

test('sends no key for a connection without one', async () => {
  await withInstance(async (instance) => expect(await read(instance, { from: 'none' })).toBe(null))
})

function vaultSource(vault: VaultServer, more: object = {}): Extract<SecretSource, { from: 'vault' }> {
  const token = { from: 'environment', variable: 'VAULT_TOKEN' } as const
  return { from: 'vault', address: vault.address, mount: 'secret', path: 'team/openai', field: 'key', token, ...more }
}

const VAULT: Partial<CredentialOptions> = { variable: (name) => (name === 'VAULT_TOKEN' ? VAULT_TOKEN : undefined) }

test('reads a field of a Vault secret by mount, path and namespace, with a token from a variable or a file', async () => {
  await using vault = await openVault()
  vault.secrets.set('|secret/team/openai', { key: KEY, other: 'x' })
  vault.secrets.set('eng/ml|kv/prod/a key', { token: 'sk-in-namespace' })
  await withInstance(async (instance, folder) => {
    expect(await read(instance, vaultSource(vault))).toBe(KEY)
    const path = join(folder, 'token')
    await writeFile(path, `${VAULT_TOKEN}\n`, { mode: 0o600 })
    const namespaced = { mount: 'kv', path: 'prod/a key', field: 'token', namespace: 'eng/ml' }
    const source = vaultSource(vault, { ...namespaced, token: { from: 'file', path }, address: `${vault.address}/` })
    expect(await read(instance, source)).toBe('sk-in-namespace')
    expect(vault.seen).toEqual([
      { method: 'GET', path: '/v1/secret/data/team/openai', namespace: null, token: VAULT_TOKEN },
      { method: 'GET', path: '/v1/kv/data/prod/a%20key', namespace: 'eng/ml', token: VAULT_TOKEN },
    ])
  }, VAULT)
})

test('reports each refusal of Vault with its cure', async () => {
  await using vault = await openVault()
  vault.secrets.set('|secret/team/openai', { key: KEY, number: 7, lines: `${KEY}\n${KEY}` })
  vault.secrets.set('|secret/deleted', null)
  await withInstance(
    async (instance) => {
      const told = async (more: object): Promise<string> => {
        const { code, message, cure } = await problem(read(instance, vaultSource(vault, more)))
        return `${code}: ${message.replace(vault.address, 'ADDRESS')} (${cure})`
      }
      expect(await told({ path: 'nothing' })).toBe(
        'not-found: Vault at ADDRESS has no secret at secret/nothing (404) (check `mount` (KV version 2), `path` and `namespace`)',
      )
      expect(await told({ namespace: 'other' })).toMatch(/^not-found: .*\(404\)/)
      expect(await told({ path: 'deleted' })).toMatch(/any more \(404\): that version was deleted/)
      expect(await told({ field: 'nope' })).toMatch(
        /^not-found: .*has no text in the field nope of secret\/team\/openai/,
      )
      expect(await told({ field: 'number' })).toMatch(/has no text in the field number/)
      expect(await told({ field: 'constructor' })).toMatch(/has no text in the field constructor/)
      expect(await told({ field: 'lines' })).toMatch(/^bad-secret: .*line break/)
      for (const path of ['../../sys/seal-status', 'a//b', './a', '/a', 'a/'])
        expect(await told({ path })).toMatch(/a part of the path is empty/)
      const bad = { token: { from: 'environment', variable: 'BAD_TOKEN' } }
      expect(await told(bad)).toMatch(
        /refuses \(403\): its token may not read .* \(renew the token, or extend its policy\)$/,
      )
      vault.sealed = true
      expect(await told({})).toBe('source-failed: Vault at ADDRESS is sealed (503) (unseal it: vault operator unseal)')
      for (const { path } of vault.seen) expect(path).not.toMatch(/\.\.|sys/)
    },
    { variable: (name) => ({ VAULT_TOKEN, BAD_TOKEN: 'hvs.bad' })[name] },
  )
})

test('reports a Vault that is down, silent, redirects or gives another answer, and sends the token only once', async () => {
  const elsewhere: string[] = []
  const other = createServer((request, response) => {
    elsewhere.push(`${request.url} ${request.headers['x-vault-token']}`)
    response.end('{}')
  })
  const odd = createServer((request, response) => {
    if (request.url?.includes('redirect')) {
      const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/stolen`
      return void response.writeHead(307, { location }).end()
    }
    if (request.url?.includes('large')) return void response.end('x'.repeat(5 * 1024 ** 2))
    response.end('<html>')
  })
  for (const server of [other, odd]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await using vault = await openVault()
    vault.hangs = true
    const address = `http://127.0.0.1:${(odd.address() as AddressInfo).port}`
    await withInstance(async (instance) => {
      const told = async (more: object): Promise<string> =>
        (await problem(read(instance, vaultSource(vault, { address, ...more })))).message
      expect(await told({ path: 'redirect' })).toMatch(/redirects to another address \(307\)/)
      expect(await told({ path: 'large' })).toMatch(/did not answer: the answer is over/)
      expect(await told({ path: 'html' })).toMatch(/an answer that is not a secret of KV version 2/)
      expect(await told({ address: 'http://127.0.0.1:1' })).toMatch(/did not answer: ECONNREFUSED/)
      const controller = new AbortController()
      const hanging = read(instance, vaultSource(vault), controller.signal)
      controller.abort(new Error('enough'))
      await expect(hanging).rejects.toThrow('enough')
    }, VAULT)
    expect(elsewhere).toEqual([])
  } finally {
    for (const server of [other, odd]) {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    }
  }
})

test('known secrets are all readable stored and configured ones, and those that were used before', async () => {
  await using vault = await openVault()
  vault.secrets.set('|secret/team/openai', { key: 'sk-vault' })
  const variables: Record<string, string> = { VAULT_TOKEN, A: 'sk-variable' }
  const connections = [
    connection({ name: 'stored' }),
    connection({ name: 'variable', credential: { from: 'environment', variable: 'A' } }),
    connection({ name: 'command', credential: { from: 'command', argv: ['echo', 'sk-command'] } }),
    connection({ name: 'vault', credential: vaultSource(vault) }),
    connection({ name: 'broken', credential: { from: 'file', path: '/nonexistent' } }),
    connection({ name: 'open', credential: { from: 'none' } }),
  ]
  await withInstance(
    async ({ credentials }) => {
      const known = async (): Promise<string[]> =>
        (await credentials.reader.known()).map((one) => one.reveal()).toSorted()
      await credentials.stored.set(ADA, 'stored', KEY)
      await credentials.stored.set(ADA, 'of-no-connection', 'sk-unused')
      const all = [VAULT_TOKEN, 'sk-command', KEY, 'sk-unused', 'sk-variable', 'sk-vault']
      expect(await known()).toEqual(all.toSorted())
      await credentials.stored.set(ADA, 'stored', 'sk-replaced')
      variables['A'] = 'sk-variable-2'
      // Vault is not read again for each answer that is searched.
      const asked = vault.seen.length
      vault.sealed = true
      expect(await known()).toEqual([...all, 'sk-replaced', 'sk-variable-2'].toSorted())
      expect(vault.seen.length).toBe(asked)
    },
    { connections, variable: (name) => variables[name] },
  )
})
