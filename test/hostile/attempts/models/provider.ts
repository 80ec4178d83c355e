// A provider of models on loopback that keeps everything that arrives, even if it is not a valid request.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ANTHROPIC, CHAT, GEMINI, RESPONSES } from '../../../gateway/model-answers.ts'

export interface Sent {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: Buffer
}

export type Answer = (
  res: ServerResponse,
  sent: Sent,
  provider: { key: string; sent: readonly Sent[] },
) => Promise<void> | void

export interface Provider extends AsyncDisposable {
  /** Host and port. */
  readonly address: string
  readonly sent: readonly Sent[]
  /** Of TCP. */
  connections: number
}

export async function openProvider(options: { key: string; answer?: Answer }): Promise<Provider> {
  const { key, answer = properly } = options
  const sent: Sent[] = []
  const keep = ({ method = '', url = '', headers }: IncomingMessage, body = Buffer.alloc(0)): Sent => {
    const kept = { method, url, headers, body }
    sent.push(kept)
    return kept
  }
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of req) chunks.push(chunk as Buffer)
    } catch {
      // A request that breaks off counts as sent.
    }
    await answer(res, keep(req, Buffer.concat(chunks)), { key, sent })
  })
  // The gateway never forwards these; the listener would notice them.
  for (const kind of ['upgrade', 'connect']) {
    server.on(kind, (req: IncomingMessage, socket: { destroy(): void }) => {
      keep(req)
      socket.destroy()
    })
  }
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const provider = { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, sent, connections: 0 }
  server.on('connection', () => void (provider.connections += 1))
  return Object.assign(provider, {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  })
}

function properly(res: ServerResponse, { method, url }: Pick<Sent, 'method' | 'url'>): void {
  json(res, answerTo(method, url))
}

export function json(res: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

function answerTo(method: string, url: string): unknown {
  if (method !== 'POST') return { object: 'list', data: [] }
  if (url.startsWith('/v1/messages')) return ANTHROPIC
  if (url.startsWith('/v1/chat')) return CHAT
  return url.startsWith('/v1/responses') ? RESPONSES : GEMINI
}
