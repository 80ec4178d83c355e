// Prevents a provider from keeping answers, which other users of the same key could read. If the client leaves `store` out,
// the gateway adds `store: false`, and the event records that.
import type { ProviderKind } from '../../../domain/connections/model-connection.ts'
import type { Endpoint } from './endpoint.ts'
import { ModelRequestError } from './model-request-error.ts'
import type { JsonObject } from './strict-json.ts'

/**
 * Responses are kept for 30 days. OpenAI keeps Chat Completions depending on the account:
 * https://platform.openai.com/docs/guides/migrate-to-responses. Compatible servers keep no Chat Completions, and some
 * refuse unknown fields.
 */
export function keepsUnlessTold({ wire }: Pick<Endpoint, 'wire'>, provider: ProviderKind): boolean {
  return wire === 'openai-responses' || (wire === 'openai-chat' && provider === 'openai')
}

/** Returns null if the client has set the field. `true` was refused before. */
export function withoutStore(json: JsonObject, body: Buffer): { body: Buffer; set: readonly string[] } | null {
  if (json['store'] === null)
    throw new ModelRequestError('request', 'The field `store` must be `false` or missing, not `null`.')
  if (Object.hasOwn(json, 'store')) return null
  // The object has at least a model, so another key follows the comma. The rest of the body stays unchanged.
  const open = body.indexOf('{') + 1
  return {
    body: Buffer.concat([body.subarray(0, open), Buffer.from('"store":false,'), body.subarray(open)]),
    set: ['store=false'],
  }
}
