// What an agent makes of a model that can not be asked, and what the record and a person see of it, whichever agent it is.
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { findSecret } from '../credentials/find-secret.ts'
import { responseOf } from '../scripted-model/exchange-log.ts'
import { titleOf } from './agent-under-test.ts'
import type { AgentUnderTest } from './agent-under-test.ts'
import { openAgentBench } from './agent-bench.ts'
import { AGENT_STEP, ENDLESS, fixLeapYear, repairTask, TASK } from './repair-task.ts'

const TIMEOUT = { timeout: 240_000 }
const WRONG_KEY = 'sk-of-somebody-else-8d1c'

export function describeTrouble(agent: AgentUnderTest): void {
  describe.concurrent(`${titleOf(agent)} has trouble with its model`, () => {
    test('a wrong key is the fault of the connection, and shown nowhere', TIMEOUT, async () => {
      await using bench = await openAgentBench({ agent, script: fixLeapYear(), wrongKey: WRONG_KEY })
      const run = await bench.run(await bench.repository(repairTask()), TASK)
      expect(run).toMatchObject({ code: 1, status: 'failed' })
      expect(run.step(AGENT_STEP)?.note).toContain('The provider refused the credential of the connection scripted')
      expect(bench.model.exchanges.every(({ status }) => status === 401 || status === 400)).toBe(true)
      const shown = await bench.glovebox('runs', 'show', run.id)
      for (const text of [run.stdout, run.stderr, shown.stdout, JSON.stringify(run.events)])
        expect(text).not.toContain(WRONG_KEY)
      expect(await findSecret(bench.data, WRONG_KEY)).toEqual([])
    })

    test.skipIf(agent.patient)('a provider that is down is named as the reason', TIMEOUT, async () => {
      await using bench = await openAgentBench({
        agent,
        script: fixLeapYear(),
        url: `http://127.0.0.1:${await closedPort()}`,
      })
      const run = await bench.run(await bench.repository(repairTask()), TASK)
      expect(run).toMatchObject({ code: 1, status: 'failed' })
      expect(run.step(AGENT_STEP)).toMatchObject({ outcome: 'failed' })
      expect(run.step(AGENT_STEP)?.note).toMatch(/^model failed: The provider at \S+ can't be reached/)
      expect(
        run.of('model.called').every(({ outcome, countedTokens }) => outcome === 'failed' && countedTokens === 0),
      ).toBe(true)
    })

    test(
      'an answer that breaks off is on the record as cut, with what there was of it, and counted',
      TIMEOUT,
      async () => {
        await using bench = await openAgentBench({ agent, script: fixLeapYear() })
        bench.model.misbehave({ kind: 'cut', after: 3 })
        const run = await bench.run(await bench.repository(repairTask()), TASK)
        expect(['succeeded', 'failed']).toContain(run.status)
        const cut = run.of('model.called').filter(({ outcome }) => outcome === 'cut')
        expect(cut).toMatchObject([{ estimated: true, note: expect.any(String) }])
        expect(cut[0]!.countedTokens).toBeGreaterThan(0)
        const exchange = bench.model.exchanges.find(({ end }) => end === 'cut')!
        // What came in one go with the end of the connection may be lost; nothing else is there.
        const { response } = cut[0]!
        const kept = response === null ? Buffer.alloc(0) : await bench.blob(response)
        expect(kept).toEqual(responseOf(exchange).subarray(0, kept.length))
      },
    )

    test('one that never finds an end has so many turns', TIMEOUT, async () => {
      await using bench = await openAgentBench({ agent, script: ENDLESS })
      const run = await bench.run(await bench.repository(repairTask({ 'max-turns': 4 })), TASK)
      expect(run).toMatchObject({ code: 1, status: 'failed' })
      expect(run.step(AGENT_STEP)).toMatchObject({ outcome: 'failed' })
      if (agent.countsTurns) expect(run.of('agent.ended')).toMatchObject([{ outcome: 'max_turn_requests' }])
      else expect(run.step(AGENT_STEP)?.note).toContain('of 4 calls of the model is used up')
      expect(bench.model.exchanges.filter(({ played }) => played !== 'aside').length).toBeLessThanOrEqual(5)
    })
  })
}

/** Nobody listens there. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
