// Which paths below a connection are known, and where they lead at the provider. Everything else is refused: providers
// have endpoints for files, batches, fine-tuning and accounts behind the same key. Attacker-controlled.
import type { ModelConnection, ProviderKind, Wire } from '../../../domain/connections/model-connection.ts'

export interface Endpoint {
  kind: 'call' | 'count' | 'list'
  wire: Wire | null
  method: 'GET' | 'POST'
  /** With the API's version, as the provider's own documentation writes it, such as `/v1/messages`. */
  path: string
  /** Named by the path, which is Gemini's way; null where the body names it. */
  model: string | null
  /** Asked for by the path, which is Gemini's way. */
  streams: boolean
}

/** `/models/<connection>/<rest>`; null when it is no such path. `rest` begins with a slash. */
export function splitModelPath(pathname: string): { connection: string; rest: string } | null {
  const [, connection, rest] = /^\/models\/([a-z][a-z0-9-]{0,62})(\/.*)$/.exec(pathname) ?? []
  return connection === undefined || rest === undefined ? null : { connection, rest }
}

// No escapes, no empty segments, no dots alone: what is matched here is what every server reads.
const PLAIN = /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._:@+-]+)+$/
const GEMINI_CALL =
  /^\/(v1|v1beta)\/models\/([A-Za-z0-9][A-Za-z0-9._-]*):(generateContent|streamGenerateContent|countTokens)$/

/** null: not a path that is passed on. */
export function findEndpoint(provider: ProviderKind, method: string, rest: string): Endpoint | null {
  if (!PLAIN.test(rest)) return null
  if (provider === 'anthropic') return anthropic(method, rest)
  if (provider === 'gemini') return gemini(method, rest)
  return openai(provider, method, rest)
}

function anthropic(method: string, path: string): Endpoint | null {
  const post = { method: 'POST', path, model: null, streams: false } as const
  const wire = 'anthropic-messages'
  if (method === 'POST' && path === '/v1/messages') return { ...post, kind: 'call', wire }
  if (method === 'POST' && path === '/v1/messages/count_tokens') return { ...post, kind: 'count', wire }
  return listing(method, path, ['v1'])
}

/** Clients of OpenAI have the version in their base URL, and some people leave it out there. */
function openai(provider: ProviderKind, method: string, rest: string): Endpoint | null {
  const path = rest.startsWith('/v1/') ? rest : `/v1${rest}`
  const post = { kind: 'call', method: 'POST', path, model: null, streams: false } as const
  if (method === 'POST' && path === '/v1/responses') return { ...post, wire: 'openai-responses' }
  if (method === 'POST' && path === '/v1/chat/completions') return { ...post, wire: 'openai-chat' }
  return listing(method, path, ['v1'], provider === 'openai-compatible')
}

function gemini(method: string, path: string): Endpoint | null {
  const [, , model, action] = GEMINI_CALL.exec(path) ?? []
  if (method === 'POST' && model !== undefined) {
    const kind = action === 'countTokens' ? 'count' : 'call'
    return { kind, wire: 'gemini', method, path, model, streams: action === 'streamGenerateContent' }
  }
  return listing(method, path, ['v1', 'v1beta'])
}

/**
 * All models, or one. What else stands below a model belongs to others who use the same key, such as Gemini's
 * `models/M/operations`; only of servers that are compatible with OpenAI do ids hold slashes.
 */
function listing(method: string, path: string, versions: readonly string[], slashes = false): Endpoint | null {
  const [, version = '', model] = /^\/([^/]+)\/models(?:\/(.+))?$/.exec(path) ?? []
  if (method !== 'GET' || !versions.includes(version)) return null
  if (
    model !== undefined &&
    ((model.includes('/') && !slashes) || (model.includes(':') && versions.includes('v1beta')))
  )
    return null
  return { kind: 'list', wire: null, method, path, model: null, streams: false }
}

const VERSION = /^v\d+([a-z]+\d*)?$/

/** The provider's own version counts where the connection's URL has one; it is not doubled. */
export function upstreamPath({ url }: Pick<ModelConnection, 'url'>, endpoint: Pick<Endpoint, 'path'>): string {
  const base = new URL(url).pathname.replace(/\/+$/, '')
  const versioned = base.split('/').some((segment) => VERSION.test(segment))
  return `${base}${versioned ? endpoint.path.replace(/^\/v[^/]+/, '') : endpoint.path}`
}

const CREDENTIAL_QUERY = ['key', 'api_key', 'api-key', 'apikey', 'access_token', 'token', 'oauth_token']
const LIST_QUERY = ['limit', 'before_id', 'after_id', 'pageSize', 'pageToken', 'page_size', 'page_token', 'after']

/**
 * What is passed on of a query: known names, each once. Credentials are dropped. null when something else is in it, since
 * a query can carry what a header may not (Google's `$httpMethod`, `alt`, `fields`).
 */
export function outgoingQuery(search: string, { kind, wire }: Pick<Endpoint, 'kind' | 'wire'>): string | null {
  const kept = new URLSearchParams()
  for (const [name, value] of new URLSearchParams(search)) {
    if (CREDENTIAL_QUERY.includes(name.toLowerCase())) continue
    const known =
      (wire === 'gemini' && name === 'alt' && (value === 'sse' || value === 'json')) ||
      (name === 'beta' && value === 'true' && wire !== 'gemini') ||
      (kind === 'list' && LIST_QUERY.includes(name) && /^[\w.:/=-]{1,200}$/.test(value))
    if (!known || kept.has(name)) return null
    kept.append(name, value)
  }
  return kept.size === 0 ? '' : `?${kept.toString()}`
}
