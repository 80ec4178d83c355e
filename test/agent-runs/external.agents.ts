import { inject, test } from 'vitest'
import { describeConduct } from './conduct.ts'
import { externalAgents } from './external-agents.ts'
import { describeRepair } from './repair.ts'
import { describeTrouble } from './trouble.ts'

// The agents that engineers use, inside the real box, with a model that plays a script: npm run test:agents.

const states = inject('agents')

for (const { name, reason } of states.filter(({ folder }) => folder === undefined))
  test(`${name}`, (context) => context.skip(reason))

for (const agent of externalAgents(states)) {
  describeRepair(agent)
  describeConduct(agent)
  describeTrouble(agent)
}
