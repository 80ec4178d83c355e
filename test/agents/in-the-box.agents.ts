// External agents inside a real sandbox, with the same tests that test/agent-runs runs on the built-in agent.
import { inject, test } from 'vitest'
import { describeConduct } from '../agent-runs/conduct.ts'
import { externalAgent } from '../agent-runs/external-agents.ts'
import { describeOutage } from '../agent-runs/outage.ts'
import { describeRepair } from '../agent-runs/repair.ts'
import { describeTrouble } from '../agent-runs/trouble.ts'
import { ENGINE, NO_ENGINE } from '../docker/docker-bench.ts'

const agents = inject('agents')

for (const { name, reason } of agents.filter(({ folder }) => folder === undefined))
  test(`${name} is installed`, (context) => context.skip(reason))

for (const { name, folder } of agents.filter((agent) => agent.folder !== undefined)) {
  const agent = externalAgent(name, folder!)
  describeRepair(agent)
  describeConduct(agent)
  describeTrouble(agent)
  describeOutage(agent)
  describeRepair(externalAgent(name, folder!, 'plain'))
  if (ENGINE !== null) describeRepair({ ...agent, docker: ENGINE })
  test.runIf(ENGINE === null)(`${name}-in-docker has an engine`, (context) => context.skip(NO_ENGINE!))
}
