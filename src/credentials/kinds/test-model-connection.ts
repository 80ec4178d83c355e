// Tests whether a provider accepts a connection's key: it requests the list of models, which costs nothing.
import { z } from 'zod'
import type { ModelConnection, ProviderKind } from '../../domain/connections/model-connection.ts'
import type { AskOutside, OutsideAnswer } from '../ask-outside.ts'
import { OutsideError } from '../ask-outside.ts'
import type { ConnectionTest, Secret } from '../types.ts'

interface Question {
  version: string
  headers(key: string): Record<string, string>
}

const OPENAI: Question = { version: 'v1', headers: (key) => ({ authorization: `Bearer ${key}` }) }
const QUESTIONS: Record<ProviderKind, Question> = {
  anthropic: { version: 'v1', headers: (key) => ({ 'x-api-key': key }) },
  gemini: { version: 'v1beta', headers: (key) => ({ 'x-goog-api-key': key }) },
  openai: OPENAI,
  'openai-compatible': OPENAI,
}

const Models = z.union([
  z.object({ data: z.array(z.object({ id: z.string() })) }).transform(({ data }) => data.map(({ id }) => id)),
  z
    .object({ models: z.array(z.object({ name: z.string() })) })
    .transform(({ models }) => models.map(({ name }) => name.replace(/^models\//, ''))),
])

export async function testModelConnection(
  ask: AskOutside,
  connection: ModelConnection,
  secret: Secret | null,
  signal: AbortSignal,
): Promise<ConnectionTest> {
  const { headers } = QUESTIONS[connection.provider]
  const version: Record<string, string> =
    connection.provider === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {}
  try {
    const key = secret === null ? {} : headers(secret.reveal())
    return judge(connection, secret, await ask(modelsUrl(connection), { ...version, ...key }, signal))
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    const message = `${hostOf(connection)} did not answer: ${error.message}`
    return { outcome: 'unreachable', message, cure: `check the url of ${connection.name}`, status: null, missing: [] }
  }
}

/** The URL of the list of models. The base URL may already contain the version. */
export function modelsUrl({ provider, url }: ModelConnection): URL {
  const base = url.replace(/\/+$/, '')
  const { version } = QUESTIONS[provider]
  const versioned = /\/v\d+[a-z0-9]*$/.test(base) ? base : `${base}/${version}`
  const most = provider === 'anthropic' ? '?limit=1000' : provider === 'gemini' ? '?pageSize=1000' : ''
  return new URL(`${versioned}/models${most}`)
}

/** Writes its own messages only: an error text or a model name of the provider may repeat the key. */
function judge(connection: ModelConnection, secret: Secret | null, { status, json }: OutsideAnswer): ConnectionTest {
  const host = hostOf(connection)
  if (status === 401 || (status === 400 && connection.provider === 'gemini')) {
    const message =
      secret === null
        ? `${host} requires a key (${status}), and the connection ${connection.name} has none`
        : `${host} does not accept the key of the connection ${connection.name} (${status})`
    return { outcome: 'key-refused', message, cure: keyCure(connection), status, missing: [] }
  }
  if (status === 403) {
    const message = `${host} refuses (403): the key of the connection ${connection.name} may not list models`
    return { outcome: 'refused', message, cure: keyCure(connection), status, missing: [] }
  }
  const models = status === 200 ? Models.safeParse(json).data : undefined
  if (models === undefined) {
    const what = status === 200 ? 'with something other than a list of models' : String(status)
    const message = `${host} answered ${what}`
    return { outcome: 'failed', message, cure: `check the url of ${connection.name}`, status, missing: [] }
  }
  const missing = connection.models.filter((model) => !models.includes(model))
  const message = `${host} accepts ${secret === null ? 'requests' : 'the key'} and lists ${models.length} models`
  const cure = missing.length === 0 ? null : 'the provider may list them under other names, or not for this key'
  return { outcome: 'works', message, cure, status, missing }
}

function keyCure({ name, credential }: ModelConnection): string {
  if (credential.from === 'stored') return `glovebox credential set ${credential.name ?? name}`
  return `its key comes from: ${credential.from}`
}

function hostOf({ url }: ModelConnection): string {
  return new URL(url).host
}
