// A fake server for the part of Vault's API that reads KV version 2. Its answers are those of Vault 1.15:
// https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export const VAULT_TOKEN = 'hvs.CAESIJ-0123456789'

export interface VaultServer extends AsyncDisposable {
  readonly address: string
  /** Secrets by `namespace|mount/path`; null: the last version was deleted. */
  readonly secrets: Map<string, Record<string, unknown> | null>
  sealed: boolean
  /** If set, it accepts requests and never answers. */
  hangs: boolean
  readonly seen: { method: string; path: string; namespace: string | null; token: string | null }[]
}

export async function openVault(tls?: { key: string; cert: string }): Promise<VaultServer> {
  const secrets: VaultServer['secrets'] = new Map()
  const seen: VaultServer['seen'] = []
  const state = { sealed: false, hangs: false }
  const listener: RequestListener = (request, response) => {
    const path = request.url ?? ''
    const namespace = header(request, 'x-vault-namespace')
    const token = header(request, 'x-vault-token')
    seen.push({ method: request.method ?? '', path, namespace, token })
    if (state.hangs) return
    const answer = (status: number, body: unknown): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (state.sealed) return answer(503, { errors: ['Vault is sealed'] })
    if (token !== VAULT_TOKEN) return answer(403, { errors: ['permission denied'] })
    const [, mount = '', rest = ''] = /^\/v1\/(.+?)\/data\/(.+)$/.exec(path) ?? []
    const secret = secrets.get(`${namespace ?? ''}|${decodeURIComponent(mount)}/${decodeURIComponent(rest)}`)
    const metadata = {
      created_time: '2026-01-02T03:04:05.000000006Z',
      custom_metadata: null,
      destroyed: false,
      version: 3,
    }
    if (secret === undefined) return answer(404, { errors: [] })
    const [status, deletion_time] = secret === null ? [404, '2026-01-03T00:00:00Z'] : [200, '']
    answer(status, {
      request_id: '9f1b6f2a-0000-0000-0000-000000000000',
      lease_id: '',
      renewable: false,
      lease_duration: 0,
      data: { data: secret, metadata: { ...metadata, deletion_time } },
      wrap_info: null,
      warnings: null,
      auth: null,
      mount_type: 'kv',
    })
  }
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(state, {
    address: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secrets,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  })
}

function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name]
  return typeof value === 'string' ? value : null
}
