// The agents that engineers use, as the suites of this folder ask them. The model's name is one that each knows best.
import type { AgentState } from '../agents/install-agents.ts'
import type { AgentUnderTest } from './agent-under-test.ts'

type Traits = Omit<AgentUnderTest, 'name' | 'folder'>

const TRAITS: Readonly<Record<string, Traits>> = {
  'claude-code': { provider: 'anthropic', model: 'scripted-large', budget: 100_000, asks: true },
  // Only a model that it knows is offered its own patch tool.
  codex: { provider: 'openai', model: 'gpt-5.5', budget: 100_000, asks: false },
  'gemini-cli': { provider: 'gemini', model: 'scripted-large', budget: 100_000, asks: true },
  opencode: { provider: 'openai-compatible', model: 'scripted-large', budget: 100_000, asks: true },
}

/** Those that could be installed, over ACP. */
export function externalAgents(states: readonly AgentState[]): AgentUnderTest[] {
  return states.flatMap(({ name, folder }) => {
    const traits = TRAITS[name]
    return folder === undefined || traits === undefined ? [] : [{ name, folder, ...traits }]
  })
}
