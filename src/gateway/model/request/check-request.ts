// Whether a request may be put to policy, and what it asks for.
import type { Connection } from '../../../domain/connection.ts'
import { checkAnthropic } from './check-anthropic.ts'
import { checkGemini, checkGeminiCount } from './check-gemini.ts'
import { checkChat, checkResponses } from './check-openai.ts'
import type { Endpoint } from './endpoint.ts'
import { estimateInput } from './estimate-tokens.ts'
import type { CheckedCall } from './request-rules.ts'
import { permits } from './request-rules.ts'
import { ModelRequestError } from './model-request-error.ts'
import type { JsonObject } from './strict-json.ts'
import { parseStrictJson } from './strict-json.ts'

export interface CheckedRequest extends CheckedCall {
  inputEstimate: number
}

/** Throws ModelRequestError. */
export function checkRequest(
  body: Uint8Array,
  endpoint: Endpoint,
  connection: Pick<Connection, 'models' | 'server-tools'>,
): CheckedRequest {
  const json = parseStrictJson(body)
  const checked = checkWire(json, endpoint, connection)
  return { ...checked, inputEstimate: estimateInput(json, body.byteLength) }
}

function checkWire(
  body: JsonObject,
  { wire, kind, model }: Endpoint,
  connection: Pick<Connection, 'models' | 'server-tools'>,
): CheckedCall {
  const permitted = permits(connection['server-tools'])
  if (wire === 'anthropic-messages') return checkAnthropic(body, permitted)
  if (wire === 'openai-responses') return checkResponses(body, permitted)
  if (wire === 'openai-chat') return checkChat(body, permitted)
  if (wire !== 'gemini' || model === null) throw new ModelRequestError('request', 'This path takes no body.')
  return kind === 'count' ? checkGeminiCount(body, model, permitted) : checkGemini(body, model, permitted)
}

/** The ids are compared as they are: a provider that reads them otherwise is asked for nothing that is not listed. */
export function checkModel(model: string, { name, models }: Pick<Connection, 'name' | 'models'>): void {
  if (models.includes(model)) return
  const shown = models.slice(0, 20).join(', ')
  throw new ModelRequestError(
    'model',
    `The connection ${name} has no model \`${model.slice(0, 200)}\`. It has: ${shown}.`,
  )
}
