import { expect, test } from 'vitest'
import { fakeAgent, fakeRegistry } from '../../agents/fake.ts'
import type { Wire } from '../../domain/connections/model-connection.ts'
import { ModelConnection } from '../../domain/connections/model-connection.ts'
import type { PlannedAgent } from '../../domain/task/plan-steps.ts'
import { chooseAgent } from './choose-agent.ts'

const STEP = { agent: 'default' } as PlannedAgent

function choose(provider: ModelConnection['provider'], wires: readonly Wire[]) {
  const agents = fakeRegistry([{ ...fakeAgent(), wires }])
  const connection = ModelConnection.parse({
    kind: 'model',
    name: 'main',
    provider,
    url: 'http://127.0.0.1:1',
    models: ['m'],
  })
  return chooseAgent(agents, STEP, { agent: 'fake', connection, model: 'm' }).model.wire
}

const ALL: readonly Wire[] = ['anthropic-messages', 'openai-responses', 'openai-chat', 'gemini']

test.each([
  ['openai', ALL, 'openai-responses'],
  ['openai', ['openai-chat'], 'openai-chat'],
  ['openai-compatible', ALL, 'openai-chat'],
  ['openai-compatible', ['openai-responses'], 'openai-responses'],
  ['anthropic', ALL, 'anthropic-messages'],
  ['gemini', ALL, 'gemini'],
] as const)('a connection of %s is spoken to by an agent that speaks %j over %s', (provider, wires, wire) => {
  expect(choose(provider, wires)).toBe(wire)
})

test('an agent that does not speak what the connection speaks is not started, and both are named', () => {
  expect(() => choose('anthropic', ['gemini'])).toThrow("Fake agent can't speak to main (anthropic); it speaks gemini")
})
