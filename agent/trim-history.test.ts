import type { ModelMessage } from 'ai'
import { expect, test } from 'vitest'
import { trimHistory } from './trim-history.ts'

function result(id: number, chars: number): ModelMessage {
  const output = { type: 'text' as const, value: 'x'.repeat(chars) }
  return { role: 'tool', content: [{ type: 'tool-result', toolCallId: `${id}`, toolName: 'read', output }] }
}

function sizes(history: readonly ModelMessage[]): number[] {
  return history.flatMap(({ role, content }) =>
    role === 'tool'
      ? content.map((part) =>
          part.type === 'tool-result' && part.output.type === 'text' ? part.output.value.length : 0,
        )
      : [],
  )
}

test('does not change a short history', () => {
  const history = Array.from({ length: 5 }, (_, id) => result(id, 100_000))
  expect(sizes(trimHistory(history))).toEqual(Array(5).fill(100_000))
})

test('removes the oldest results of a long history, to well below the limit, for good', () => {
  const history: ModelMessage[] = [
    { role: 'user', content: 'y'.repeat(600_000) },
    ...Array.from({ length: 6 }, (_, id) => result(id, 100_000)),
  ]
  const trimmed = sizes(trimHistory(history))
  expect(trimmed.map((size) => size < 200)).toEqual([true, true, true, true, false, false])
  history.push(result(6, 100_000))
  expect(sizes(trimHistory(history)).slice(0, 6)).toEqual(trimmed)
})

test('keeps the last result, however long it is', () => {
  expect(sizes(trimHistory([result(0, 10), result(1, 900_000)]))).toEqual([10, 900_000])
})
