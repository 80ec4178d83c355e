// The agents that people use, inside a real sandbox: what test/agent-runs asks of the built-in one, asked of them.
import { inject, test } from 'vitest'
import { describeConduct } from '../agent-runs/conduct.ts'
import { externalAgent } from '../agent-runs/external-agents.ts'
import { describeRepair } from '../agent-runs/repair.ts'
import { describeTrouble } from '../agent-runs/trouble.ts'

for (const { name, folder, reason } of inject('agents')) {
  const agent = folder === undefined ? undefined : externalAgent(name, folder)
  const plain = folder === undefined ? undefined : externalAgent(name, folder, true)
  if (agent === undefined || plain === undefined) {
    test(`${name} is installed`, (context) => context.skip(reason ?? 'nothing is known of it'))
    continue
  }
  describeRepair(agent)
  describeConduct(agent)
  describeTrouble(agent)
  describeRepair(plain)
}
