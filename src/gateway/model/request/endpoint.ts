// The allowed paths below a connection, and the matching paths at the provider. All others are refused: the same key gives
// access to a provider's files, batches, fine-tuning and accounts. Paths are attacker-controlled.
import type { ModelConnection, ProviderKind, Wire } from '../../../domain/connections/model-connection.ts'

export interface Endpoint {
  kind: 'call' | 'count' | 'list'
  wire: Wire | null
  method: 'GET' | 'POST'
  /** Path with the API's version, as in the provider's documentation, such as `/v1/messages`. */
  path: string
  /** Model in the path, as with Gemini; null if the body names the model. */
  model: string | null
  /** Whether the path asks for a stream, as with Gemini. */
  streams: boolean
}

/** Splits `/models/<connection>/<rest>`; null for another path. `rest` begins with a slash. */
export function splitModelPath(pathname: string): { connection: string; rest: string } | null {
  const [, connection, rest] = /^\/models\/([a-z][a-z0-9-]{0,62})(\/.*)$/.exec(pathname) ?? []
  return connection === undefined || rest === undefined ? null : { connection, rest }
}

// No escapes, no empty segments, no segments of dots: every server reads such a path alike.
const PLAIN = /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._:@+-]+)+$/
const GEMINI_CALL =
  /^\/(v1|v1beta)\/models\/([A-Za-z0-9][A-Za-z0-9._-]*):(generateContent|streamGenerateContent|countTokens)$/

/** Returns null if the path is not allowed. */
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

/** The base URL of an OpenAI client contains the version, but some users leave it out. */
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
 * The list of models, or one model. Other paths below a model, such as Gemini's `models/M/operations`, show data of others
 * with the same key. `slashes`: ids may contain slashes, as on servers that are compatible with OpenAI.
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

/** If the connection's URL contains a version, that version is used and not added again. */
export function upstreamPath({ url }: Pick<ModelConnection, 'url'>, endpoint: Pick<Endpoint, 'path'>): string {
  const base = new URL(url).pathname.replace(/\/+$/, '')
  const versioned = base.split('/').some((segment) => VERSION.test(segment))
  return `${base}${versioned ? endpoint.path.replace(/^\/v[^/]+/, '') : endpoint.path}`
}

const CREDENTIAL_QUERY = ['key', 'api_key', 'api-key', 'apikey', 'access_token', 'token', 'oauth_token']
const LIST_QUERY = ['limit', 'before_id', 'after_id', 'pageSize', 'pageToken', 'page_size', 'page_token', 'after']

/**
 * Returns the query for the provider: known names, each once, without credentials. Returns null if the query has anything
 * else, since a query can do what a header must not (Google's `$httpMethod`, `alt`, `fields`).
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
