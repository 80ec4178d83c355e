// Requests to a secret store or a provider over HTTP(S). They have limits on time and size, and follow no redirect, so that
// a token reaches only its intended host.
import { request } from 'undici'
import type { Dispatcher } from 'undici'
import { createDispatcher } from '../outgoing/dispatcher.ts'
import type { Outgoing } from '../outgoing/settings.ts'

const MAX_BYTES = 4 * 1024 ** 2
const TIMEOUT_MS = 10_000

export interface OutsideAnswer {
  status: number
  /** null: the answer is not JSON. Attacker-controlled. */
  json: unknown
}

/** Rejects if there is no complete answer. The error never contains the request. */
export type AskOutside = (
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<OutsideAnswer>

export class OutsideError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'OutsideError'
  }
}

export function openOutside(outgoing: Outgoing): AsyncDisposable & { ask: AskOutside } {
  const dispatcher = createDispatcher(outgoing, { connectMs: TIMEOUT_MS, headersMs: TIMEOUT_MS, idleMs: TIMEOUT_MS })
  return {
    ask: (url, headers, signal) => ask(dispatcher, url, headers, signal),
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  }
}

async function ask(
  dispatcher: Dispatcher,
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<OutsideAnswer> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  try {
    const answer = await request(url, { headers, dispatcher, signal: AbortSignal.any([signal, timeout]) })
    return { status: answer.statusCode, json: parse(await readBounded(answer.body)) }
  } catch (error) {
    signal.throwIfAborted()
    throw new OutsideError(timeout.aborted ? `no answer within ${TIMEOUT_MS / 1000} s` : reasonOf(error))
  }
}

async function readBounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > MAX_BYTES) throw new OutsideError(`the answer is over ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Uses the code of the error only, since its message could repeat a header. */
function reasonOf(error: unknown): string {
  if (error instanceof OutsideError) return error.message
  const code = error instanceof Error && 'code' in error ? String(error.code) : null
  return code ?? 'the connection failed'
}
