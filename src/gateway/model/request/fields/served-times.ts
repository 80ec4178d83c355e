// What an answer says of how it was served, where that makes it dearer. A provider may choose a tier by its own settings.
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

/** Only values whose price is known: what a provider calls its tiers is its own affair. `served`: field and value. */
export function servedTimes(wire: Wire | null, served: ReadonlyMap<string, string>): [string, number][] {
  if (wire === null) return []
  return [...served].flatMap(([name, value]): [string, number][] => {
    const times = TABLES[wire].get(name)?.times.get(value)
    return times === undefined ? [] : [[`${name}=${value}`, times]]
  })
}
