// Facts about an answer, collected while it is passed on. Numbers and words come from the provider: they are bounded, and
// invalid ones are ignored.
import { isObject, type Json, type JsonObject } from '../request/strict-json.ts'

export interface AnswerFacts {
  /** Tokens counted so far; null if the provider gave no count. `cached` and `cacheWrite` are parts of `input`. */
  input: number | null
  output: number | null
  cached: number | null
  cacheWrite: number | null
  /** Part of `cacheWrite` that is cached for an hour. */
  cacheWriteHour: number | null
  /** Tokens that the provider charges besides `input` and `output`, such as for a compaction. */
  beside: { input: number; output: number }
  /** How the answer was served: from a field of the request to its value, such as `service_tier` to `priority`. */
  served: Map<string, string>
  /** Status of a job that goes on after the answer, such as `queued`; null: the job is done. */
  unfinished: string | null
  stopReason: string | null
  tools: string[]
  /** Bytes of text and tool input that the model wrote, for an estimate. */
  written: number
  /** Whether the provider marked the end of the answer. */
  ended: boolean
  /** An error that the provider reported inside its answer; null if there is none. */
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

/** Limits a sum of counts to the range that an event accepts. */
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

/** Ignores a value that is not a word of at most 64 characters. */
export function addServed(facts: AnswerFacts, field: string, value: Json | undefined): void {
  if (typeof value === 'string' && /^[\w.-]{1,64}$/.test(value)) facts.served.set(field, value.toLowerCase())
}

export function addWritten(facts: AnswerFacts, ...values: readonly (Json | undefined)[]): void {
  for (const value of values) {
    if (typeof value === 'string') facts.written += Buffer.byteLength(value)
    else if (isObject(value)) facts.written += JSON.stringify(value).length
  }
}
