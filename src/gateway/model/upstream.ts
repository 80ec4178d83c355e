// Network connections to providers, kept open and shared by all runs. The operator chose the address, so private addresses
// are allowed. The provider chooses redirects, so they are never followed.
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { errors } from 'undici'
import { createDispatcher } from '../../outgoing/dispatcher.ts'
import { DIRECT, type Outgoing } from '../../outgoing/settings.ts'
import { GatewayError } from '../gateway-error.ts'
import type { ModelLimits } from './limits.ts'

export interface ProviderRequest {
  /** Name of the connection, for error messages. */
  connection: string
  method: 'GET' | 'POST'
  url: URL
  headers: Readonly<Record<string, string>>
  body: Uint8Array | null
  signal: AbortSignal
}

export interface ProviderAnswer {
  status: number
  headers: Readonly<Record<string, string>>
  body: Readable
}

export interface ModelUpstream extends AsyncDisposable {
  /** Rejects with a GatewayError: `unreachable` (nothing was sent), `timeout` or `bad-upstream` (it may have been). */
  ask(request: ProviderRequest): Promise<ProviderAnswer>
}

const RETRY_MS = 250

export function createModelUpstream(
  limits: Pick<ModelLimits, 'connectMs' | 'headersMs' | 'idleMs' | 'connectTries' | 'connections'>,
  certificates?: () => readonly string[],
  outgoing: Outgoing = DIRECT,
): ModelUpstream {
  const dispatcher = createDispatcher(outgoing, {
    connections: limits.connections,
    connectMs: limits.connectMs,
    headersMs: limits.headersMs,
    idleMs: limits.idleMs,
    ...(certificates && { certificates }),
  })

  async function once({ method, url, headers, body, signal }: ProviderRequest): Promise<ProviderAnswer> {
    const answer = await dispatcher.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method,
      headers: { ...headers },
      body,
      signal,
    })
    // The reader of the body gets its errors. Without a reader, an error must not end the process.
    answer.body.on('error', () => {})
    const flat = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const)
    return { status: answer.statusCode, headers: Object.fromEntries(flat), body: answer.body }
  }

  return {
    async ask(request) {
      for (let tried = 1; ; tried += 1) {
        try {
          return await once(request)
        } catch (error) {
          request.signal.throwIfAborted()
          const failure = failureOf(
            error,
            `The provider of ${request.connection} at ${request.url.host}`,
            request.url.host,
          )
          // An answer costs money, so a request is repeated only if it certainly did not reach the provider.
          if (failure.code !== 'unreachable' || tried >= limits.connectTries) throw failure
          await setTimeout(RETRY_MS * tried, undefined, { signal: request.signal })
        }
      }
    },
    async [Symbol.asyncDispose]() {
      await dispatcher.destroy()
    },
  }
}

const NOT_CONNECTED = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'],
  'UND_ERR_CONNECT_TIMEOUT',
])

function failureOf(error: unknown, provider: string, host: string): GatewayError {
  const codes = codesOf(error)
  if (codes.some((code) => NOT_CONNECTED.has(code)))
    return new GatewayError('unreachable', `${provider} can't be reached.`, { cause: error })
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError)
    return new GatewayError('timeout', `${provider} did not answer in time.`, { cause: error })
  const tls = codes.find((code) => /CERT|SIGNATURE|TLS|SSL/.test(code))
  if (tls !== undefined) {
    // A bad certificate is refused before the request is sent; other TLS errors may come later.
    const refused = /CERT|SIGNATURE/.test(tls) && !tls.startsWith('ERR_SSL_')
    const code = refused ? 'unreachable' : 'bad-upstream'
    return new GatewayError(code, `TLS with ${host} failed: ${tls}.`, { cause: error })
  }
  return new GatewayError('bad-upstream', `${provider} gave an invalid answer.`, { cause: error })
}

/** A host name with several addresses fails with one error per address. */
function codesOf(error: unknown): string[] {
  if (error instanceof AggregateError) return [...codeOf(error), ...error.errors.flatMap(codesOf)]
  return codeOf(error)
}

function codeOf(error: unknown): string[] {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? [code] : []
}
