// Keeps a long session within what models read: the oldest results of tools go first, and can be asked for again.
import type { ModelMessage } from 'ai'

/** Characters of tool results; about 150,000 tokens. */
const MAX_CHARS = 500_000
/** Well below, so that it is not trimmed at every turn: each time is a miss of the provider's cache. */
const TRIMMED_CHARS = 250_000
const LEFT_OUT = '[left out because the conversation is long; call the tool again if you need it]'

/** In place: what is left out stays so. */
export function trimHistory(history: ModelMessage[]): ModelMessage[] {
  const outputs = history.flatMap((message) =>
    message.role === 'tool' ? message.content.flatMap((part) => (part.type === 'tool-result' ? [part] : [])) : [],
  )
  const sizes = outputs.map(({ output }) => (output.type === 'text' ? output.value.length : 0))
  let total = sizes.reduce((sum, size) => sum + size, 0)
  if (total <= MAX_CHARS) return history
  for (const [at, part] of outputs.entries()) {
    // The last one is what the model has just asked for.
    if (total <= TRIMMED_CHARS || at === outputs.length - 1) break
    if (sizes[at]! <= LEFT_OUT.length) continue
    total -= sizes[at]!
    part.output = { type: 'text', value: LEFT_OUT }
  }
  return history
}
