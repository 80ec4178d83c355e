// What was asked of models and what they answered. `source` is `gateway`.
import { z } from 'zod'
import { Wire } from '../connections/model-connection.ts'
import { FieldUse } from '../model-field.ts'
import { Count, DecisionSummary, Digest } from './fields.ts'

/** What the request was, as both events have it. */
const asked = {
  call: z.string().describe('id of the call, unique in the instance'),
  connection: z.string(),
  model: z.string().describe('as the client asked for it; empty where the request names none'),
  wire: Wire.nullable().describe('null: a path that is no call of a model, such as the list of models'),
  method: z.string(),
  path: z.string().describe('below the connection, with its query; credentials never appear'),
  request: Digest.nullable().describe('the body as the client sent it'),
  sent: Digest.optional().describe('the body as it was sent on; absent: as the client sent it'),
  set: z.array(z.string()).optional().describe('what the gateway put into it, such as `store=false`'),
  fields: z
    .array(FieldUse)
    .optional()
    .describe('fields that change the price, reach state, outlive the call or instruct the server, and are permitted'),
  currency: z.string(),
  decision: DecisionSummary,
}

const ModelAsked = z
  .object({
    ...asked,
    reservedTokens: Count.describe('what the call counts against budgets until its `model.called` says more'),
    reservedCostMicros: Count.nullable().describe('millionths of the currency; null where no price is known'),
  })
  .describe('A request was permitted and is about to be sent to a model connection')

const ModelCalled = z
  .object({
    ...asked,
    status: z.int().describe('HTTP status that the sandbox got'),
    outcome: z
      .enum(['answered', 'refused', 'failed', 'cut'])
      .describe('refused: nothing was sent; failed: no answer or an error of the provider; cut: the answer broke off'),
    refusal: z
      .enum(['policy', 'model', 'budget', 'server-tool', 'field', 'request', 'credential', 'unreachable'])
      .nullable()
      .describe('which rule refused it; unreachable: the provider gave no answer too many times in a row'),
    inputTokens: Count.nullable().describe('as the provider counted; null where it said nothing'),
    outputTokens: Count.nullable(),
    cachedTokens: Count.nullable().describe('part of inputTokens that came from a cache'),
    cacheWriteTokens: Count.nullable().describe('part of inputTokens that was put into a cache'),
    countedTokens: Count.describe('what the call counts against budgets'),
    estimated: z.boolean().describe('countedTokens and costMicros rest on an estimate, as the provider did not count'),
    costMicros: Count.nullable().describe('millionths of the currency; null where no price is known'),
    stopReason: z.string().nullable().describe('in the words of the provider'),
    tools: z.array(z.string()).describe('names of the tools that the model asked for'),
    firstByteMs: z.number().nonnegative().nullable(),
    wallMs: z.number().nonnegative(),
    response: Digest.nullable().describe('the body as the sandbox got it'),
    requestHeaders: Digest.optional().describe('what was sent on, kept as a blob: no credentials'),
    responseHeaders: Digest.optional().describe('what the provider answered with, kept in the same way'),
    chunks: Digest.nullable().describe('JSON list of the lengths of the chunks of a streamed body, as they came'),
    replaced: Count.describe('places where a configured secret was taken out of the answer'),
    note: z.string().nullable(),
  })
  .describe('A request to a model connection, answered or refused')

export const MODEL_EVENTS = { 'model.asked': ModelAsked, 'model.called': ModelCalled } as const
