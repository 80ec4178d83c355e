// One agent that people use is part of npm test: the smallest. `npm run test:agents` has them all, and asks more of them.
import { test } from 'vitest'
import { describeRepair } from '../agent-runs/repair.ts'
import { AGENT_PACKAGES } from './agent-packages.ts'
import { installAgent } from './install-agent.ts'
import { agentUnderTest } from './under-test.ts'

const NAME = 'gemini-cli'
const folder = await installAgent(AGENT_PACKAGES.find(({ name }) => name === NAME)!).catch((error: unknown) => {
  process.stderr.write(`tests leave out ${NAME}, which can not be installed: ${String(error).slice(0, 500)}\n`)
  return null
})
const agent = folder === null ? null : agentUnderTest(NAME, folder)

test.skipIf(agent !== null)(`${NAME} is left out: it can not be installed here`, (context) => context.skip())
if (agent !== null) describeRepair(agent)
