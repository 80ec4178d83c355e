// Keeps a long session within a model's context window: it removes the oldest tool results, which the model can request
// again.
import type { ModelMessage } from 'ai'

/** Most characters of tool results, about 150,000 tokens. */
const MAX_CHARS = 500_000
/** Target size, well below the limit: trimming at every turn would miss the provider's cache each time. */
const TRIMMED_CHARS = 250_000
const LEFT_OUT = '[left out because the conversation is long; call the tool again if you need it]'

/** Trims in place, so removed results stay removed. */
export function trimHistory(history: ModelMessage[]): ModelMessage[] {
  const outputs = history.flatMap((message) =>
    message.role === 'tool' ? message.content.flatMap((part) => (part.type === 'tool-result' ? [part] : [])) : [],
  )
  const sizes = outputs.map(({ output }) => (output.type === 'text' ? output.value.length : 0))
  let total = sizes.reduce((sum, size) => sum + size, 0)
  if (total <= MAX_CHARS) return history
  for (const [at, part] of outputs.entries()) {
    // The last result answers the model's latest request.
    if (total <= TRIMMED_CHARS || at === outputs.length - 1) break
    if (sizes[at]! <= LEFT_OUT.length) continue
    total -= sizes[at]!
    part.output = { type: 'text', value: LEFT_OUT }
  }
  return history
}
