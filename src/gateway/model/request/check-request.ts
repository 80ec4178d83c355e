// Checks a request before the policy decision, and returns the facts that policy and budgets need.
import type { ModelConnection } from '../../../domain/connections/model-connection.ts'
import type { FieldUse } from '../../../domain/model-field.ts'
import { checkAnthropic } from './check-anthropic.ts'
import { checkGemini, checkGeminiCount } from './check-gemini.ts'
import { checkChat, checkResponses } from './check-openai.ts'
import type { Endpoint } from './endpoint.ts'
import { cachesForHour, estimateInput } from './estimate-tokens.ts'
import { createRules, type RequestRules, type WireCall } from './request-rules.ts'
import { ModelRequestError } from './model-request-error.ts'
import { keepsUnlessTold, withoutStore } from './not-stored.ts'
import type { JsonObject } from './strict-json.ts'
import { parseStrictJson } from './strict-json.ts'

export interface CheckedRequest extends Required<WireCall> {
  inputEstimate: number
  /** Fields that need a permit and that the connection permits. */
  uses: readonly FieldUse[]
  /** From `FieldUse.field` to the factor on the model's price. */
  times: ReadonlyMap<string, number>
  /** Whether input may be cached for an hour, which costs more. */
  cachedForHour: boolean
  /** The changed body, if the gateway changes it; else null. */
  sent: { body: Buffer; set: readonly string[] } | null
}

type Permissions = Pick<ModelConnection, 'server-tools' | 'fields' | 'provider'>

/** Throws ModelRequestError for a request that is malformed or not permitted. */
export function checkRequest(body: Buffer, endpoint: Endpoint, connection: Permissions): CheckedRequest {
  const json = parseStrictJson(body)
  const rules = createRules(connection)
  const call = checkWire(json, endpoint, rules)
  const keeps = keepsUnlessTold(endpoint, connection.provider) && !rules.permitsField('store', 'store=true')
  return {
    passes: 1,
    ...call,
    inputEstimate: estimateInput(json, body.byteLength),
    uses: rules.used,
    times: rules.times,
    cachedForHour: cachesForHour(json),
    sent: keeps ? withoutStore(json, body) : null,
  }
}

function checkWire(body: JsonObject, { wire, kind, model }: Endpoint, rules: RequestRules): WireCall {
  if (wire === 'anthropic-messages') return checkAnthropic(body, rules)
  if (wire === 'openai-responses') return checkResponses(body, rules)
  if (wire === 'openai-chat') return checkChat(body, rules)
  if (wire !== 'gemini' || model === null) throw new ModelRequestError('request', 'This path accepts no body.')
  return kind === 'count' ? checkGeminiCount(body, model, rules) : checkGemini(body, model, rules)
}

/** Compares ids exactly, so that no provider receives an id that is not listed, however it interprets ids. */
export function checkModel(model: string, { name, models }: Pick<ModelConnection, 'name' | 'models'>): void {
  if (models.includes(model)) return
  const shown = models.slice(0, 20).join(', ')
  throw new ModelRequestError(
    'model',
    `The connection ${name} has no model \`${model.slice(0, 200)}\`. It has: ${shown}.`,
  )
}
