// What is learnt of an answer while it passes. Numbers and words are the provider's; they are bounded here, and what is
// no count or no text is left out.
import { isObject, type Json, type JsonObject } from '../request/strict-json.ts'

export interface AnswerFacts {
  /** As counted so far; null where the provider said nothing. `cached` and `cacheWrite` are parts of `input`. */
  input: number | null
  output: number | null
  cached: number | null
  cacheWrite: number | null
  /** Part of `cacheWrite` that lives for an hour. */
  cacheWriteHour: number | null
  /** What the provider charges besides `input` and `output`, such as for a compaction on the way. */
  beside: { input: number; output: number }
  /** How the answer was served, by field of the request, such as `service_tier` and `priority`. */
  served: Map<string, string>
  /** The status of an answer that is a job which goes on, such as `queued`; null: it is over. */
  unfinished: string | null
  stopReason: string | null
  tools: string[]
  /** Bytes of text and tool input that the model wrote, for an estimate. */
  written: number
  /** The provider said that this was the end. */
  ended: boolean
  /** The provider reported an error inside of its answer. */
  problem: string | null
}

export function noFacts(): AnswerFacts {
  return {
    input: null,
    output: null,
    cached: null,
    cacheWrite: null,
    cacheWriteHour: null,
    beside: { input: 0, output: 0 },
    served: new Map(),
    unfinished: null,
    stopReason: null,
    tools: [],
    written: 0,
    ended: false,
    problem: null,
  }
}

const MAX_COUNT = 1e12
const MAX_WORD = 200
const MAX_TOOLS = 100

export function count(value: Json | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? bounded(value) : null
}

/** A sum of counts, as the record takes it. */
export function bounded(value: number): number {
  return Math.min(value, MAX_COUNT)
}

export function word(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_WORD).toWellFormed() : null
}

export function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}

export function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

export function addTool(facts: AnswerFacts, name: Json | undefined): void {
  const tool = word(name)
  if (tool !== null && facts.tools.length < MAX_TOOLS) facts.tools.push(tool)
}

/** A value that is no word of at most 64 characters is left out. */
export function addServed(facts: AnswerFacts, field: string, value: Json | undefined): void {
  if (typeof value === 'string' && /^[\w.-]{1,64}$/.test(value)) facts.served.set(field, value.toLowerCase())
}

export function addWritten(facts: AnswerFacts, ...values: readonly (Json | undefined)[]): void {
  for (const value of values) {
    if (typeof value === 'string') facts.written += Buffer.byteLength(value)
    else if (isObject(value)) facts.written += JSON.stringify(value).length
  }
}
