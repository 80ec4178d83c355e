// The time for a person to answer an agent, set in glovebox.yaml.
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import type { Ask } from '../../src/domain/ask.ts'
import { finished } from '../main-job/glovebox.ts'
import { openAgentBench, readRun } from './agent-bench.ts'
import { BUILT_IN } from './agent-under-test.ts'
import { fixLeapYear, repairTask, TASK } from './repair-task.ts'

test('a request waits as long as `agents.ask-minutes` says', async () => {
  const configuration = {
    agents: { default: BUILT_IN.name, 'ask-minutes': 47 },
    policies: { enable: ['ask-before-acting'] },
  }
  await using bench = await openAgentBench({ agent: BUILT_IN, script: fixLeapYear(), configuration })
  const child = bench.start('run', TASK, '--repo', await bench.repository(repairTask()), '--json')
  const ended = finished(child)
  for await (const line of createInterface(child.stderr!)) if (line.includes('ask allow')) break
  const asks = JSON.parse((await bench.glovebox('ask', 'list', '--json')).stdout) as Ask[]
  expect(asks).toHaveLength(1)
  expect(asks[0]!.deadline - asks[0]!.openedAt).toBe(47 * 60_000)
  expect(await bench.glovebox('runs', 'cancel', 'latest')).toMatchObject({ code: 0 })
  const run = await readRun(bench, await ended)
  expect(run.of('ask.opened')).toMatchObject([{ ask: asks[0]!.id, deadline: asks[0]!.deadline }])
})
