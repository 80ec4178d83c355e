// Price factors for the way in which an answer was served: a provider may choose a dearer tier by its own settings.
import type { Wire } from '../../../../domain/connections/model-connection.ts'
import { ANTHROPIC_FIELDS } from './anthropic-fields.ts'
import { CHAT_FIELDS } from './chat-fields.ts'
import type { FieldTable } from './field-table.ts'
import { GEMINI_FIELDS } from './gemini-fields.ts'
import { RESPONSES_FIELDS } from './responses-fields.ts'

const TABLES: Readonly<Record<Wire, FieldTable>> = {
  'anthropic-messages': ANTHROPIC_FIELDS,
  'openai-responses': RESPONSES_FIELDS,
  'openai-chat': CHAT_FIELDS,
  gemini: GEMINI_FIELDS,
}

/** The factors of the values with a known price; other names of tiers are ignored. `served`: from field to value. */
export function servedTimes(wire: Wire | null, served: ReadonlyMap<string, string>): [string, number][] {
  if (wire === null) return []
  return [...served].flatMap(([name, value]): [string, number][] => {
    const times = TABLES[wire].get(name)?.times.get(value)
    return times === undefined ? [] : [[`${name}=${value}`, times]]
  })
}
