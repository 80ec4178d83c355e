import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerRequest } from './answer-request.ts'
import type { Exchange } from './exchange-log.ts'
import { ExchangeLog } from './exchange-log.ts'
import type { MisbehaviourSource } from './misbehaviour.ts'
import { MisbehaviourQueue, parseMisbehaviour } from './misbehaviour.ts'
import type { ScriptSource } from './script.ts'
import { parseScript } from './script.ts'

export interface ScriptedModelOptions {
  script: ScriptSource
  /** The only key that is accepted; any is, and none, when there is no such key. */
  key?: string
  /** 0 for any free port. */
  port?: number
  /** In front of every path, such as "/claude". */
  prefix?: string
  /** What the lists of models name. Any model answers. */
  models?: readonly string[]
}

export interface ScriptedModel extends AsyncDisposable {
  /** Without a slash at the end. */
  url: string
  exchanges: readonly Exchange[]
  misbehave(source: MisbehaviourSource): void
}

/** A model provider on loopback that speaks the wire APIs of four and plays a script. */
export async function startScriptedModel(options: ScriptedModelOptions): Promise<ScriptedModel> {
  const { key, port = 0, prefix = '', models = ['scripted-large', 'scripted-small'] } = options
  const log = new ExchangeLog()
  const misbehaviours = new MisbehaviourQueue()
  const settings = { script: parseScript(options.script), key, prefix, models, misbehaviours }
  const server = createServer((request, response) => {
    void serve(request, response, log, settings)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`
  return {
    url,
    exchanges: log.exchanges,
    misbehave: (source) => misbehaviours.add(parseMisbehaviour(source)),
    [Symbol.asyncDispose]: () => stop(server),
  }
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  log: ExchangeLog,
  settings: Parameters<typeof answerRequest>[3],
): Promise<void> {
  const exchange = log.open(request.method ?? '', request.url ?? '', request.headers)
  try {
    await answerRequest(request, response, exchange, settings)
  } catch (error) {
    if (!response.destroyed) {
      response.destroy()
      throw error // a mistake of ours, which fails the test as an unhandled rejection
    }
    exchange.end = 'left'
  }
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
