// Chooses the headers that pass between a client and a provider. Only known headers pass, in both directions. Other headers
// of a client may be credentials, or may tell a proxy at the provider which host or account to use. Other headers of a
// provider may reveal the account.
import type { ProviderKind } from '../../../domain/connections/model-connection.ts'
import type { Secret } from '../../../credentials/types.ts'
import type { SecretFilter } from './secret-filter.ts'

const ASK = new Set([
  ...['accept', 'user-agent', 'anthropic-version', 'anthropic-beta', 'anthropic-dangerous-direct-browser-access'],
  ...['openai-beta', 'x-goog-api-client', 'x-app', 'originator', 'session_id', 'session-id', 'idempotency-key'],
  ...['x-client-request-id'],
])
const ASK_PREFIX = 'x-stainless-'

const ANSWER = new Set([
  ...['content-type', 'cache-control', 'request-id', 'x-request-id', 'retry-after', 'retry-after-ms'],
  ...['x-should-retry', 'openai-processing-ms', 'openai-version', 'openai-model'],
])
const ANSWER_PREFIXES = ['anthropic-ratelimit-', 'x-ratelimit-']

/** Requests the encoding `identity`, so that the gateway can read the answer. */
export function outgoingHeaders(
  headers: ReadonlyMap<string, string>,
  provider: ProviderKind,
  key: Secret | null,
  hasBody: boolean,
): Record<string, string> {
  const kept = [...headers].filter(([name]) => ASK.has(name) || name.startsWith(ASK_PREFIX))
  return {
    ...Object.fromEntries(kept),
    'accept-encoding': 'identity',
    ...(hasBody && { 'content-type': 'application/json' }),
    ...(key && credentialHeader(provider, key)),
  }
}

function credentialHeader(provider: ProviderKind, key: Secret): Record<string, string> {
  if (provider === 'anthropic') return { 'x-api-key': key.reveal() }
  if (provider === 'gemini') return { 'x-goog-api-key': key.reveal() }
  return { authorization: `Bearer ${key.reveal()}` }
}

/** Whether the key fits into a header: RFC 9110 section 5.5 without obs-text. Other characters could end the header. */
export function fitsHeader(key: Secret): boolean {
  return /^[\x21-\x7e]+$/.test(key.reveal())
}

export function answerHeaders(
  headers: Readonly<Record<string, string>>,
  filter: Pick<SecretFilter, 'text' | 'carries'>,
): Record<string, string> {
  const kept = Object.entries(headers).filter(
    ([name]) =>
      ANSWER.has(name) || (ANSWER_PREFIXES.some((prefix) => name.startsWith(prefix)) && !filter.carries(name)),
  )
  return Object.fromEntries(kept.map(([name, value]) => [name, filter.text(value)]))
}
