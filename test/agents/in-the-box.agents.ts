// The agents that people use, inside a real sandbox: what test/agent-runs asks of the built-in one, asked of them.
import { inject, test } from 'vitest'
import type { AgentUnderTest } from '../agent-runs/agent-under-test.ts'
import { describeConduct } from '../agent-runs/conduct.ts'
import { describeRepair } from '../agent-runs/repair.ts'
import { describeTrouble } from '../agent-runs/trouble.ts'
import type { AgentName } from './agent-packages.ts'

type Known = Omit<AgentUnderTest, 'name' | 'folder'>

const KNOWN: Partial<Record<AgentName, Known>> = {
  'claude-code': { provider: 'anthropic', model: 'claude-test', budget: 400_000, asks: true, countsTurns: true },
  // Where Glovebox starts it, it has full access and asks nobody.
  codex: { provider: 'openai', model: 'gpt-test', budget: 100_000, asks: false, countsTurns: false },
  'gemini-cli': { provider: 'gemini', model: 'gemini-test', budget: 40_000, asks: true, countsTurns: true },
  opencode: { provider: 'openai-compatible', model: 'open-test', budget: 100_000, asks: true, countsTurns: true },
}

for (const { name, folder, reason } of inject('agents')) {
  const known = KNOWN[name]
  if (folder === undefined || known === undefined) {
    test(name, (context) => context.skip(reason ?? 'nothing is known of it'))
    continue
  }
  const agent: AgentUnderTest = { name, folder, ...known }
  describeRepair(agent)
  describeConduct(agent)
  describeTrouble(agent)
}
