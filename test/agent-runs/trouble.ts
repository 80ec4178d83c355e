// Tests of any agent whose model fails: the result of the run, the record and the messages.
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
    test('a wrong key is reported as a fault of the connection, and never shown', TIMEOUT, async () => {
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

    test('an answer that breaks off is recorded as cut, with the received part, and counted', TIMEOUT, async () => {
      await using bench = await openAgentBench({ agent, script: fixLeapYear() })
      bench.model.misbehave({ kind: 'cut', after: 3 })
      const run = await bench.run(await bench.repository(repairTask()), TASK)
      expect(['succeeded', 'failed']).toContain(run.status)
      const cut = run.of('model.called').filter(({ outcome }) => outcome === 'cut')
      expect(cut).toMatchObject([{ estimated: true, note: expect.any(String) }])
      expect(cut[0]!.countedTokens).toBeGreaterThan(0)
      const exchange = bench.model.exchanges.find(({ end }) => end === 'cut')!
      // Data that arrives together with the end of the connection may be lost; the record has everything before it.
      const { response } = cut[0]!
      const kept = response === null ? Buffer.alloc(0) : await bench.blob(response)
      expect(kept).toEqual(responseOf(exchange).subarray(0, kept.length))
    })

    test('a model that never finishes is stopped after the allowed turns', TIMEOUT, async () => {
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
