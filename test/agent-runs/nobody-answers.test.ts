// A permission request that nobody answers: after the deadline it is denied, and the agent continues without
// permission.
import { expect, test } from 'vitest'
import { openContext } from '../../src/context.ts'
import type { Event } from '../../src/domain/event.ts'
import { clientOf } from '../services/client-of.ts'
import { openAgentBench } from './agent-bench.ts'
import { BUILT_IN } from './agent-under-test.ts'
import { AGENT_STEP, fixLeapYear, repairTask } from './repair-task.ts'
import { ADA, runToEnd } from './run-to-end.ts'

/** Milliseconds. */
const DEADLINE = 200

test('denies a request that nobody answers in time', async () => {
  const configuration = { policies: { enable: ['ask-before-acting'] } }
  await using bench = await openAgentBench({ agent: BUILT_IN, script: fixLeapYear(), configuration })
  const repository = await bench.repository(repairTask())
  const events: Event[] = []
  {
    await using context = await openContext({ dataFolder: bench.data, work: true }, () => ({ askMs: DEADLINE }))
    events.push(...(await runToEnd(context, repository)))
    expect((await clientOf(context.services, ADA).listAsks({ query: { status: ['open'] } })).asks).toEqual([])
  }
  const decided = events.flatMap((event) => (event.kind === 'ask.decided' ? [event.body] : []))
  expect(decided.map(({ outcome, by }) => `${outcome} by ${by}`)).toEqual(['denied by deadline', 'denied by deadline'])
  const steps = events.flatMap((event) => (event.kind === 'step.finished' ? [event.body] : []))
  expect(steps.find(({ name }) => name === AGENT_STEP)).toMatchObject({ outcome: 'succeeded' })
  // Nothing was edited, so the tests fail as before.
  expect(steps.findLast(({ name }) => name === 'tests')).toMatchObject({ outcome: 'failed' })
  expect(events.at(-1)).toMatchObject({ kind: 'run.finished', body: { status: 'failed' } })
  expect(events.some(({ kind }) => kind === 'change.proposed')).toBe(false)
})
