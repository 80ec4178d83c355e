// What the suites of test/agent-runs have to know of each agent that people use.
import type { AgentUnderTest } from '../agent-runs/agent-under-test.ts'
import { NOTHING } from '../agent-runs/unexplained.ts'
import type { AgentName } from './agent-packages.ts'
import { OWN } from './own-doings.ts'

type Known = Omit<AgentUnderTest, 'name' | 'folder' | 'own'>

const KNOWN: Partial<Record<AgentName, Known>> = {
  'claude-code': {
    provider: 'anthropic',
    model: 'claude-test',
    budget: 400_000,
    asks: true,
    countsTurns: true,
    patient: true,
  },
  // Where Glovebox starts it, it has full access and asks nobody.
  codex: { provider: 'openai', model: 'gpt-test', budget: 100_000, asks: false, countsTurns: false, patient: true },
  'gemini-cli': {
    provider: 'gemini',
    model: 'gemini-test',
    budget: 40_000,
    asks: true,
    countsTurns: true,
    patient: true,
  },
  // Told that its steps are used up, it asks its model for a summary, and does what the model then asks for.
  opencode: {
    provider: 'openai-compatible',
    model: 'open-test',
    budget: 100_000,
    asks: true,
    countsTurns: false,
    patient: true,
  },
}

/** null: nothing is known of it. */
export function agentUnderTest(name: AgentName, folder: string): AgentUnderTest | null {
  const known = KNOWN[name]
  return known === undefined ? null : { name, folder, own: OWN[name] ?? NOTHING, ...known }
}
