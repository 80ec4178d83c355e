// The agents that people use, inside a real sandbox: what test/agent-runs asks of the built-in one, asked of them.
import { inject } from 'vitest'
import { describeConduct } from '../agent-runs/conduct.ts'
import { describeRepair } from '../agent-runs/repair.ts'
import { describeTrouble } from '../agent-runs/trouble.ts'
import { agentUnderTest } from './under-test.ts'

for (const { name, folder } of inject('agents')) {
  const agent = folder === undefined ? null : agentUnderTest(name, folder)
  // turn-around.agents.ts says why one is left out.
  if (agent === null) continue
  describeRepair(agent)
  describeConduct(agent)
  describeTrouble(agent)
}
