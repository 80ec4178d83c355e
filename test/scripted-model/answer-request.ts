import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { z } from 'zod'
import { presentedKey } from './credentials.ts'
import type { Exchange } from './exchange-log.ts'
import type { Misbehaviour, MisbehaviourQueue } from './misbehaviour.ts'
import { beforeFirstByte } from './misbehaviour.ts'
import { modelEntry, modelList, modelsWire } from './models.ts'
import { play } from './play.ts'
import type { Route } from './routes.ts'
import { ROUTES } from './routes.ts'
import type { Script } from './script.ts'
import { pieces } from './server-sent-events.ts'
import { tokensOf } from './usage.ts'
import type { Wire } from './wire.ts'
import { writePieces } from './write-pieces.ts'

interface Settings {
  script: Script
  key: string | undefined
  prefix: string
  models: readonly string[]
  misbehaviours: MisbehaviourQueue
}

export async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  exchange: Exchange,
  settings: Settings,
): Promise<void> {
  const url = new URL(exchange.path, 'http://127.0.0.1')
  const left = new AbortController()
  response.once('close', () => left.abort())
  exchange.request = await buffer(request)
  const route = findRoute(exchange.method, url, settings.prefix)
  if (!route)
    return sendJson(response, exchange, 404, { error: { message: `Nothing is at ${exchange.method} ${url.pathname}` } })
  const wire = modelsWire(route.wire, exchange.headers)
  exchange.wire = wire.kind
  const presented = presentedKey(wire.kind, exchange.headers, url)
  if (settings.key !== undefined && presented !== settings.key) {
    const { status, body } = wire.refusal(presented)
    return sendJson(response, exchange, status, body)
  }
  switch (route.does) {
    case 'list-models':
      return sendJson(response, exchange, 200, modelList(wire, settings.models))
    case 'show-model':
      return sendJson(response, exchange, 200, modelEntry(wire, url.pathname.split('/').at(-1) ?? ''))
    case 'count':
      return sendJson(response, exchange, 200, wire.count(tokensOf(exchange.request)))
    default:
      return generate(wire, url, response, exchange, settings, left.signal)
  }
}

function findRoute(method: string, url: URL, prefix: string): Route | undefined {
  if (!url.pathname.startsWith(`${prefix}/`)) return undefined
  const path = url.pathname.slice(prefix.length)
  return ROUTES.find((route) => route.method === method && route.path.test(path))
}

async function generate(
  wire: Wire,
  url: URL,
  response: ServerResponse,
  exchange: Exchange,
  { script, misbehaviours }: Settings,
  signal: AbortSignal,
): Promise<void> {
  const misbehaviour = misbehaviours.next()
  await beforeFirstByte(misbehaviour, signal)
  if (misbehaviour?.kind === 'status') {
    const retry: Record<string, string> =
      misbehaviour.retryAfter === undefined ? {} : { 'retry-after': String(misbehaviour.retryAfter) }
    return sendJson(
      response,
      exchange,
      misbehaviour.status,
      wire.problem(misbehaviour.status, 'The script says so'),
      retry,
    )
  }
  const conversation = readConversation(wire, exchange, url)
  if (typeof conversation === 'string') return sendJson(response, exchange, 400, wire.problem(400, conversation))
  const { turn, reply } = play(script, conversation, exchange.request)
  exchange.played = turn
  exchange.usage = reply.usage
  if (misbehaviour?.kind === 'echo') reply.text = `${misbehaviour.text}\n${reply.text}`
  const answer = conversation.streaming
    ? wire.stream(reply, conversation, url)
    : pieces(JSON.stringify(wire.answer(reply)), 1000)
  const type = conversation.streaming ? wire.streamType(url) : 'application/json'
  await writePieces(response, exchange, {
    status: 200,
    headers: { 'content-type': type },
    pieces: answer,
    cutAfter: cutAfter(misbehaviour),
  })
}

function readConversation(wire: Wire, exchange: Exchange, url: URL): ReturnType<Wire['read']> | string {
  try {
    return wire.read(JSON.parse(exchange.request.toString()), url)
  } catch (error) {
    return error instanceof z.ZodError ? z.prettifyError(error) : String(error)
  }
}

function cutAfter(misbehaviour: Misbehaviour | undefined): number | undefined {
  return misbehaviour?.kind === 'cut' ? misbehaviour.after : undefined
}

async function sendJson(
  response: ServerResponse,
  exchange: Exchange,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<void> {
  const pieces = [JSON.stringify(body)]
  await writePieces(response, exchange, { status, headers: { 'content-type': 'application/json', ...headers }, pieces })
}
