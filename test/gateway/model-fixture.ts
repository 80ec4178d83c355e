// A gateway with a model service, a real store behind its record and budgets, and a provider on loopback that a test
// plays.
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import type { Secret, SecretReader } from '../../src/credentials/types.ts'
import { ModelConnection } from '../../src/domain/connections/model-connection.ts'
import type { EventBody, NewEvent } from '../../src/domain/event.ts'
import type { BudgetLimits, BudgetRule } from '../../src/gateway/model/budget/budgets.ts'
import type { ModelLimits } from '../../src/gateway/model/limits.ts'
import { openModels, type RunModels } from '../../src/gateway/model/open-models.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/types.ts'
import { listen, openFixture, type Fixture, type FixtureOptions } from './gateway-fixture.ts'

/** A key with characters that base64, JSON and URLs encode differently. */
export const KEY = 'sk-test-5f/Q+7a"0b9\\c8d7e6f5a4b3c2d1'.replaceAll(/["\\]/g, '~')

/** The run of gateway-fixture.ts. */
export const RUN = '0123456789abcdefghjk'

export interface Asked {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}

export interface Provider extends AsyncDisposable {
  url: string
  asked: Asked[]
  /** Number of connections that clients closed before the end of the answer. */
  broken: number
}

export async function openProvider(
  answer: (res: ServerResponse, asked: Asked) => void | Promise<void>,
  port = 0,
): Promise<Provider> {
  const provider = { asked: [] as Asked[], broken: 0, url: '' }
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString('utf8')
    const asked = { method: req.method ?? '', url: req.url ?? '', headers: req.headers, body }
    provider.asked.push(asked)
    res.on('close', () => {
      if (!res.writableFinished) provider.broken += 1
    })
    await answer(res, asked)
  })
  provider.url = `http://127.0.0.1:${await listen(server, port)}`
  return Object.assign(provider, {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  })
}

export function json(res: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

export interface ModelFixture extends Fixture {
  run: RunModels
  store: Store
  /** Base URL of the connection for clients in the sandbox, without TLS. */
  base: string
  called(): EventBody<'model.called'>[]
  /** Resolves when this number of calls is recorded as ended. */
  calledTimes(count: number): Promise<EventBody<'model.called'>[]>
}

export interface ModelFixtureOptions extends Pick<FixtureOptions, 'allow' | 'recorderFails' | 'limits'> {
  connections: readonly (Partial<ModelConnection> & { url: string })[]
  secrets?: Partial<SecretReader>
  budgets?: BudgetLimits
  /** Budget of the current step. */
  step?: BudgetRule['limit']
  modelLimits?: Partial<ModelLimits>
  certificates?: readonly string[]
}

export async function openModelFixture(options: ModelFixtureOptions): Promise<ModelFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'glovebox-models-'))
  const ids = { now: () => Date.now(), random: (bytes: number) => randomBytes(bytes) }
  const store = await openStore(folder, { ids })
  const connections = options.connections.map((given) =>
    ModelConnection.parse({ kind: 'model', name: 'main', provider: 'anthropic', models: ['good'], ...given }),
  )
  const models = openModels({
    secrets: { read: async () => secret(KEY), known: async () => [secret(KEY)], ...options.secrets },
    usage: store.usage,
    now: ids.now,
    ...(options.modelLimits && { limits: options.modelLimits }),
    certificates: () => options.certificates ?? [],
  })
  const run = models.forRun({ run: RUN, task: 'fix', connections, budgets: options.budgets ?? {} })
  run.limitStep('fix', options.step ?? null)
  const box = await openFixture({
    allow: options.allow ?? (() => true),
    recorder: store,
    ...(options.recorderFails && { recorderFails: options.recorderFails }),
    ...(options.limits && { limits: options.limits }),
    services: (context) => [run.service(context)],
  })
  const close = box[Symbol.asyncDispose]
  const called = (): EventBody<'model.called'>[] =>
    box.events
      .filter((event): event is Extract<NewEvent, { kind: 'model.called' }> => event.kind === 'model.called')
      .map(({ body }) => body)
  return Object.assign(box, {
    store,
    run,
    base: `http://127.0.0.1:${box.port}/models/${connections[0]?.name}`,
    called,
    calledTimes: (count: number) => until(called, (calls) => calls.length >= count),
    [Symbol.asyncDispose]: async () => {
      await close()
      await models[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  })
}

/** Returns a port on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server, 0)
  await new Promise((done) => server.close(done))
  return port
}

export function secret(value: string): Secret {
  return { reveal: () => value, toString: () => '[secret]', toJSON: () => '[secret]' }
}

export async function until<T>(look: () => T, holds: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = look()
    if (holds(value)) return value
    await new Promise((done) => setTimeout(done, 10))
  }
}
