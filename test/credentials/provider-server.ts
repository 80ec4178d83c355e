// A fake model provider that serves only the list of models. It is careless: its error texts contain the key.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ProviderServer extends AsyncDisposable {
  readonly url: string
  /** The keys that it accepts; empty: it accepts every key. */
  readonly keys: Set<string>
  /** Status of every answer to an accepted key. */
  status: number
  readonly models: string[]
  readonly seen: { path: string; key: string | null; version: string | null }[]
}

export async function openProvider(): Promise<ProviderServer> {
  const keys = new Set<string>()
  const models = ['gpt-5', 'gpt-5-mini']
  const seen: ProviderServer['seen'] = []
  const state = { status: 200 }
  const server = createServer((request, response) => {
    const { authorization, 'x-api-key': anthropic, 'x-goog-api-key': google } = request.headers
    const key = authorization?.replace(/^Bearer /, '') ?? anthropic?.toString() ?? google?.toString() ?? null
    seen.push({ path: request.url ?? '', key, version: request.headers['anthropic-version']?.toString() ?? null })
    const status = keys.size > 0 && !keys.has(key ?? '') ? 401 : state.status
    const told = `Incorrect API key provided: ${key} (${Buffer.from(key ?? '').toString('base64')})`
    response.writeHead(status, {
      'content-type': 'application/json',
      'www-authenticate': `Bearer ${key}`,
      location: `/${key}`,
    })
    if (status !== 200) response.end(JSON.stringify({ error: { message: told, type: key } }))
    else if (request.url?.startsWith('/v1beta'))
      response.end(JSON.stringify({ models: [...models, `models/${key}`].map((name) => ({ name: `models/${name}` })) }))
    else response.end(JSON.stringify({ data: [...models, `${key}`].map((id) => ({ id })) }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys,
    models,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  })
}
