// Answers that a provider would keep unless it is told not to. Nothing that a run asks stays behind the key for others,
// so the gateway says `store: false` where the client left it out, and the event says so.
import type { ProviderKind } from '../../../domain/connections/model-connection.ts'
import type { Endpoint } from './endpoint.ts'
import { ModelRequestError } from './model-request-error.ts'
import type { JsonObject } from './strict-json.ts'

/**
 * Responses are kept for 30 days, Chat Completions at OpenAI by default of the account:
 * https://platform.openai.com/docs/guides/migrate-to-responses. Servers that are compatible keep no Chat Completions, and
 * some of them refuse a field that they do not know.
 */
export function keepsUnlessTold({ wire }: Pick<Endpoint, 'wire'>, provider: ProviderKind): boolean {
  return wire === 'openai-responses' || (wire === 'openai-chat' && provider === 'openai')
}

/** null where the client says it itself. `true` was refused before. */
export function withoutStore(json: JsonObject, body: Buffer): { body: Buffer; set: readonly string[] } | null {
  if (json['store'] === null)
    throw new ModelRequestError('request', 'The field `store` must be `false`, or be left out, not `null`.')
  if (Object.hasOwn(json, 'store')) return null
  // The object has a model, so that something follows the comma; the rest stays byte for byte.
  const open = body.indexOf('{') + 1
  return {
    body: Buffer.concat([body.subarray(0, open), Buffer.from('"store":false,'), body.subarray(open)]),
    set: ['store=false'],
  }
}
