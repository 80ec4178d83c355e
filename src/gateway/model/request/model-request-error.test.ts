import { expect, test } from 'vitest'
import { checkAnthropic } from './check-anthropic.ts'
import { checkModel } from './check-request.ts'
import { createRules } from './request-rules.ts'

test('replaces half a surrogate pair in the message, so that the refusal can be recorded', () => {
  const tool = { model: 'good', messages: [], max_tokens: 1, tools: [{ type: '\udc00', name: 'x' }] }
  for (const refuse of [
    () => checkModel('\ud800', { name: 'main', models: ['good'] }),
    () => checkAnthropic(tool, createRules({ 'server-tools': [], fields: [] })),
  ]) {
    const message = messageOf(refuse)
    expect([message, message.isWellFormed()]).toEqual([expect.stringContaining('\ufffd'), true])
  }
})

function messageOf(refuse: () => unknown): string {
  try {
    return `passed: ${String(refuse())}`
  } catch (error) {
    return (error as Error).message
  }
}
