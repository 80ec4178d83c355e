// Events of model requests and responses. `source` is `gateway`.
import { z } from 'zod'
import { Wire } from '../connections/model-connection.ts'
import { FieldUse } from '../model-field.ts'
import { Count, DecisionSummary, Digest } from './fields.ts'

/** The fields of the request, shared by both events. */
const asked = {
  call: z.string().describe('id of the call, unique in the instance'),
  connection: z.string(),
  model: z.string().describe('the model that the client named; empty if it named none'),
  wire: Wire.nullable().describe('null for a path that is not a model call, such as the list of models'),
  method: z.string(),
  path: z.string().describe('path below the connection, with its query; without credentials'),
  request: Digest.nullable().describe('blob: the body that the client sent'),
  sent: Digest.optional().describe('blob: the body sent to the provider; absent if it is the same'),
  set: z.array(z.string()).optional().describe('fields that the gateway set in the body, such as `store=false`'),
  fields: z
    .array(FieldUse)
    .optional()
    .describe('permitted fields that change the price, reach state, outlive the call or instruct the server'),
  currency: z.string(),
  decision: DecisionSummary,
}

const ModelAsked = z
  .object({
    ...asked,
    reservedTokens: Count.describe('the tokens that count against budgets until `model.called` is recorded'),
    reservedCostMicros: Count.nullable().describe('millionths of the currency; null if no price is known'),
  })
  .describe('A request was permitted and is about to be sent to a model connection')

const ModelCalled = z
  .object({
    ...asked,
    status: z.int().describe('HTTP status sent to the sandbox'),
    outcome: z
      .enum(['answered', 'refused', 'failed', 'cut'])
      .describe('refused: nothing was sent; failed: no answer or an error of the provider; cut: the answer broke off'),
    refusal: z
      .enum(['policy', 'model', 'budget', 'server-tool', 'field', 'request', 'credential', 'unreachable'])
      .nullable()
      .describe('the rule that refused the request; unreachable: the provider failed to answer too often in a row'),
    inputTokens: Count.nullable().describe("the provider's count; null if it reported none"),
    outputTokens: Count.nullable(),
    cachedTokens: Count.nullable().describe('part of inputTokens that was read from a cache'),
    cacheWriteTokens: Count.nullable().describe('part of inputTokens that was written to a cache'),
    countedTokens: Count.describe('the tokens that count against budgets'),
    estimated: z
      .boolean()
      .describe('whether countedTokens and costMicros are estimates, because the provider reported no usage'),
    costMicros: Count.nullable().describe('millionths of the currency; null if no price is known'),
    stopReason: z.string().nullable().describe("the provider's stop reason"),
    tools: z.array(z.string()).describe('names of the tools that the model called'),
    firstByteMs: z.number().nonnegative().nullable(),
    wallMs: z.number().nonnegative(),
    response: Digest.nullable().describe('blob: the body that the sandbox received'),
    requestHeaders: Digest.optional().describe('blob: the headers sent to the provider, without credentials'),
    responseHeaders: Digest.optional().describe("blob: the headers of the provider's response, without secrets"),
    chunks: Digest.nullable().describe('blob: JSON list of the chunk lengths of a streamed body, in order'),
    replaced: Count.describe('number of places where a configured secret was removed from the response'),
    note: z.string().nullable(),
  })
  .describe('A request to a model connection, answered or refused')

export const MODEL_EVENTS = { 'model.asked': ModelAsked, 'model.called': ModelCalled } as const
