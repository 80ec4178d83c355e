// An agent that is part of the image and not installed on this machine.
import { expect, inject, test } from 'vitest'
import { openAgentBench } from '../agent-runs/agent-bench.ts'
import { titleOf } from '../agent-runs/agent-under-test.ts'
import { externalAgent } from '../agent-runs/external-agents.ts'
import { fixLeapYear, repairTask, TASK } from '../agent-runs/repair-task.ts'
import { ENGINE } from '../docker/docker-bench.ts'
import { imageWith } from './image-with.ts'

const NAME = 'gemini-cli'
const folder = inject('agents').find(({ name }) => name === NAME)?.folder
const agent = { ...externalAgent(NAME, ''), folder: null, docker: ENGINE }

test.runIf(ENGINE !== null && folder !== undefined)(
  `${titleOf(agent)} makes a failing test pass, as part of the image`,
  { timeout: 240_000 },
  async () => {
    await using derived = await imageWith(folder!, 'gemini')
    await using bench = await openAgentBench({ agent: { ...agent, docker: derived.docker }, script: fixLeapYear() })
    const run = await bench.run(await bench.repository(repairTask()), TASK)
    expect(run, run.stderr).toMatchObject({ code: 0, status: 'succeeded' })
    expect(run.of('step.started').map(({ argv }) => argv[0])).toContain('gemini')
  },
)
