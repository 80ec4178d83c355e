// The agents that engineers use, as the suites of this folder ask them.
import type { InstalledName } from '../agents/agent-packages.ts'
import type { AgentUnderTest } from './agent-under-test.ts'

type Traits = Omit<AgentUnderTest, 'name' | 'folder' | 'docker'>

const USUAL = { asks: true, countsTurns: true, patient: true, own: [], reachesFor: [] }

const TRAITS: Readonly<Record<InstalledName, Traits>> = {
  'claude-code': { ...USUAL, provider: 'anthropic', model: 'claude-test', budget: 100_000 },
  // Only a model that it knows is offered its own patch tool. Where Glovebox starts it, it asks nobody.
  codex: { ...USUAL, provider: 'openai', model: 'gpt-5.5', budget: 100_000, asks: false, countsTurns: false },
  // It gives up by itself when a model repeats itself a few times.
  'gemini-cli': { ...USUAL, provider: 'gemini', model: 'gemini-test', budget: 50_000 },
  opencode: {
    ...USUAL,
    provider: 'openai-compatible',
    model: 'open-test',
    budget: 100_000,
    // Told that its steps are used up, it asks its model for a summary, and does what the model then asks for.
    countsTurns: false,
    // It has git of its own in its process, which looks at what changed.
    own: [/^read \/workspace\/repo\//],
    reachesFor: [/^https:\/\/[^/]+\/@opencode-ai%2fplugin$/],
  },
}

/** `plain`: as one command, which asks nobody. */
export function externalAgent(name: InstalledName, folder: string, mode: 'acp' | 'plain' = 'acp'): AgentUnderTest {
  const traits = TRAITS[name]
  return mode === 'acp'
    ? { name, folder, docker: null, ...traits }
    : { name: `${name}-plain`, folder, docker: null, ...traits, asks: false }
}
