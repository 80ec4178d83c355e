// The built-in agent in a container, with the same tests.
import { expect, test } from 'vitest'
import { ENGINE, NO_ENGINE } from '../docker/docker-bench.ts'
import { openAgentBench } from './agent-bench.ts'
import { BUILT_IN } from './agent-under-test.ts'
import { describeConduct } from './conduct.ts'
import { describeRepair } from './repair.ts'
import { AGENT_STEP, fixLeapYear, repairTask, TASK } from './repair-task.ts'

test.runIf(ENGINE === null)('a container engine is available', (context) => context.skip(NO_ENGINE!))

if (ENGINE !== null) {
  const agent = { ...BUILT_IN, docker: ENGINE }
  describeRepair(agent)
  describeConduct(agent)
}

test.runIf(ENGINE)(
  'an agent that is neither on this machine nor in the image fails with a command to install it',
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
