// The built-in agent, with a container for its box: the same is asked of it.
import { expect, test } from 'vitest'
import { ENGINE, NO_ENGINE } from '../docker/docker-bench.ts'
import { openAgentBench } from './agent-bench.ts'
import { BUILT_IN } from './agent-under-test.ts'
import { describeConduct } from './conduct.ts'
import { describeRepair } from './repair.ts'
import { AGENT_STEP, fixLeapYear, repairTask, TASK } from './repair-task.ts'

test.runIf(ENGINE === null)('there is an engine', (context) => context.skip(NO_ENGINE!))

if (ENGINE !== null) {
  const agent = { ...BUILT_IN, docker: ENGINE }
  describeRepair(agent)
  describeConduct(agent)
}

test.runIf(ENGINE)(
  'an agent that neither this machine nor the image has is missed, and how to install it said',
  async () => {
    const agent = { ...BUILT_IN, name: 'claude-code', docker: ENGINE }
    await using bench = await openAgentBench({ agent, script: fixLeapYear() })
    const run = await bench.run(await bench.repository(repairTask()), TASK)
    expect(run).toMatchObject({ code: 1, status: 'failed' })
    expect(run.step(AGENT_STEP)?.note).toContain(
      `Its program could not be started. Install it: npm install --prefix ${bench.data}/agents/claude-code `,
    )
  },
)
