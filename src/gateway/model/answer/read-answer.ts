// Reads usage, stop reason and tools of an answer, for each API: from a whole answer, or from the events of a stream.
import type { Wire } from '../../../domain/connections/model-connection.ts'
import {
  addServed,
  addTool,
  addWritten,
  bounded,
  count,
  object,
  objects,
  word,
  type AnswerFacts,
} from './answer-facts.ts'
import type { Json, JsonObject } from '../request/strict-json.ts'

export interface AnswerReader {
  whole(facts: AnswerFacts, body: JsonObject): void
  /** Reads the JSON of one event. */
  event(facts: AnswerFacts, body: JsonObject): void
}

const anthropic: AnswerReader = {
  whole(facts, body) {
    anthropicUsage(facts, object(body['usage']))
    for (const block of objects(body['content'])) anthropicBlock(facts, block)
    facts.stopReason = word(body['stop_reason'])
    facts.ended = true
    // The answer of count_tokens has only this field.
    facts.input ??= count(body['input_tokens'])
  },
  event(facts, body) {
    const type = body['type']
    if (type === 'message_start') anthropicUsage(facts, object(object(body['message'])['usage']))
    else if (type === 'content_block_start') anthropicBlock(facts, object(body['content_block']))
    else if (type === 'content_block_delta') {
      const delta = object(body['delta'])
      addWritten(facts, delta['text'], delta['partial_json'], delta['thinking'])
    } else if (type === 'message_delta') {
      anthropicUsage(facts, object(body['usage']))
      facts.stopReason = word(object(body['delta'])['stop_reason']) ?? facts.stopReason
    } else if (type === 'message_stop') facts.ended = true
    else if (type === 'error') inStreamError(facts, body['error'])
  },
}

/** Counts in a stream are running totals. `input_tokens` does not include cached input. */
function anthropicUsage(facts: AnswerFacts, usage: JsonObject): void {
  const cached = count(usage['cache_read_input_tokens'])
  const written = count(usage['cache_creation_input_tokens'])
  const plain = count(usage['input_tokens'])
  if (plain !== null) facts.input = plain + (cached ?? facts.cached ?? 0) + (written ?? facts.cacheWrite ?? 0)
  facts.cached = cached ?? facts.cached
  facts.cacheWrite = written ?? facts.cacheWrite
  facts.output = count(usage['output_tokens']) ?? facts.output
  facts.cacheWriteHour = count(object(usage['cache_creation'])['ephemeral_1h_input_tokens']) ?? facts.cacheWriteHour
  addServed(facts, 'speed', usage['speed'])
  addServed(facts, 'inference_geo', usage['inference_geo'])
  const compactions = objects(usage['iterations']).filter(({ type }) => type === 'compaction')
  if (compactions.length > 0) facts.beside = { input: sumOf(compactions, READ), output: sumOf(compactions, WRITTEN) }
}

const READ = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens']
const WRITTEN = ['output_tokens']

function sumOf(passes: readonly JsonObject[], names: readonly string[]): number {
  const counts = passes.flatMap((pass) => names.map((name) => count(pass[name]) ?? 0))
  return bounded(counts.reduce((sum, each) => sum + each, 0))
}

function anthropicBlock(facts: AnswerFacts, block: JsonObject): void {
  const type = block['type']
  if (typeof type === 'string' && type.endsWith('tool_use')) addTool(facts, block['name'])
  addWritten(facts, block['text'], block['thinking'], block['input'])
}

const chat: AnswerReader = {
  whole(facts, body) {
    chatUsage(facts, object(body['usage']))
    addServed(facts, 'service_tier', body['service_tier'])
    for (const choice of objects(body['choices'])) {
      const message = object(choice['message'])
      for (const call of objects(message['tool_calls'])) chatCall(facts, call)
      addWritten(facts, message['content'], message['reasoning_content'])
      facts.stopReason ??= word(choice['finish_reason'])
    }
    facts.ended = true
  },
  event(facts, body) {
    chatUsage(facts, object(body['usage']))
    addServed(facts, 'service_tier', body['service_tier'])
    if (body['error'] !== undefined && body['error'] !== null) inStreamError(facts, body['error'])
    for (const choice of objects(body['choices'])) {
      const delta = object(choice['delta'])
      for (const call of objects(delta['tool_calls'])) chatCall(facts, call)
      addWritten(facts, delta['content'], delta['reasoning_content'], delta['reasoning'])
      facts.stopReason ??= word(choice['finish_reason'])
    }
  },
}

function chatUsage(facts: AnswerFacts, usage: JsonObject): void {
  facts.input = count(usage['prompt_tokens']) ?? facts.input
  facts.output = count(usage['completion_tokens']) ?? facts.output
  const details = object(usage['prompt_tokens_details'])
  facts.cached = count(details['cached_tokens']) ?? facts.cached
  facts.cacheWrite = count(details['cache_write_tokens']) ?? facts.cacheWrite
}

/** Only the first piece of a call contains the name. */
function chatCall(facts: AnswerFacts, call: JsonObject): void {
  const named = object(call['function'] ?? call['custom'])
  addTool(facts, named['name'])
  addWritten(facts, named['arguments'], named['input'])
}

const responses: AnswerReader = {
  whole(facts, body) {
    const usage = object(body['usage'])
    facts.input = count(usage['input_tokens'])
    facts.output = count(usage['output_tokens'])
    const details = object(usage['input_tokens_details'])
    facts.cached = count(details['cached_tokens'])
    facts.cacheWrite = count(details['cache_write_tokens'])
    addServed(facts, 'service_tier', body['service_tier'])
    facts.unfinished = unfinishedStatus(body['status'])
    for (const item of objects(body['output'])) responsesItem(facts, item)
    facts.stopReason = word(object(body['incomplete_details'])['reason']) ?? word(body['status'])
    if (body['status'] === 'failed') inStreamError(facts, body['error'])
    facts.ended = true
  },
  event(facts, body) {
    const { type } = body
    if (type === 'response.completed' || type === 'response.incomplete' || type === 'response.failed') {
      // This event repeats all items of the stream.
      facts.tools = []
      responses.whole(facts, object(body['response']))
    } else if (type === 'response.output_item.done') responsesItem(facts, object(body['item']))
    else if (type === 'error') inStreamError(facts, body['error'] ?? body)
    else if (typeof type === 'string' && type.endsWith('.delta')) addWritten(facts, body['delta'])
  },
}

/** Compatible servers omit the status of a finished answer. */
function unfinishedStatus(status: Json | undefined): string | null {
  const over = status === undefined || status === 'completed' || status === 'incomplete' || status === 'failed'
  return over ? null : (word(status) ?? 'unknown')
}

function responsesItem(facts: AnswerFacts, item: JsonObject): void {
  const { type } = item
  if (typeof type === 'string' && type.endsWith('_call')) addTool(facts, item['name'] ?? type)
}

const gemini: AnswerReader = {
  whole(facts, body) {
    gemini.event(facts, body)
    facts.ended = true
    // The answer of countTokens has only this field.
    facts.input ??= count(body['totalTokens'])
  },
  event(facts, body) {
    const usage = object(body['usageMetadata'])
    const prompt = count(usage['promptTokenCount'])
    if (prompt !== null) facts.input = prompt + (count(usage['toolUsePromptTokenCount']) ?? 0)
    const candidates = count(usage['candidatesTokenCount'])
    const thoughts = count(usage['thoughtsTokenCount'])
    // Gemini omits counts that are zero, so use the total.
    const total = count(usage['totalTokenCount'])
    const rest = total === null || facts.input === null ? null : Math.max(total - facts.input, 0)
    if (candidates !== null || thoughts !== null || rest !== null)
      facts.output = Math.max((candidates ?? 0) + (thoughts ?? 0), rest ?? 0)
    facts.cached = count(usage['cachedContentTokenCount']) ?? facts.cached
    for (const candidate of objects(body['candidates'])) {
      for (const part of objects(object(candidate['content'])['parts'])) geminiPart(facts, part)
      facts.stopReason = word(candidate['finishReason']) ?? facts.stopReason
    }
    facts.stopReason = word(object(body['promptFeedback'])['blockReason']) ?? facts.stopReason
    facts.ended ||= facts.stopReason !== null
    if (body['error'] !== undefined) inStreamError(facts, body['error'])
  },
}

function geminiPart(facts: AnswerFacts, part: JsonObject): void {
  const call = object(part['functionCall'])
  addTool(facts, call['name'])
  addWritten(facts, part['text'], call['args'])
}

function inStreamError(facts: AnswerFacts, error: Json | undefined): void {
  const told = object(error)
  facts.problem = word(told['type']) ?? word(told['status']) ?? word(told['code']) ?? 'error'
  facts.ended = true
}

export const READERS: Readonly<Record<Wire, AnswerReader>> = {
  'anthropic-messages': anthropic,
  'openai-responses': responses,
  'openai-chat': chat,
  gemini,
}
