// Tests of an outage of the provider, permanent or temporary: the result of the run, the record and the messages.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openContext } from '../../src/context.ts'
import type { Event } from '../../src/domain/event.ts'
import type { WritingStore } from '../../src/store/types.ts'
import { startScriptedModel } from '../scripted-model/start-scripted-model.ts'
import type { ScriptedModel } from '../scripted-model/start-scripted-model.ts'
import type { AgentUnderTest } from './agent-under-test.ts'
import { openAgentBench } from './agent-bench.ts'
import type { AgentBench } from './agent-bench.ts'
import { AGENT_STEP, fixLeapYear, repairTask, TASK } from './repair-task.ts'
import { runToEnd } from './run-to-end.ts'

const TIMEOUT = { timeout: 240_000 }
const DOWN = /^The provider of scripted at \S+ can't be reached\./
const GIVEN_UP = `The connection scripted gave no answer 5 times in a row, so Glovebox stops the calls of the step \`${AGENT_STEP}\` to it`

export function describeOutage(agent: AgentUnderTest): void {
  describe.concurrent(`${agent.name} meets an outage of its model`, () => {
    test('a provider that is down ends the step, is named as the cause, and costs nothing', TIMEOUT, async () => {
      await using bench = await openAgentBench({ agent, script: fixLeapYear() })
      await bench.model[Symbol.asyncDispose]()
      const repository = await bench.repository(repairTask({ 'timeout-minutes': 2 }))
      const run = await bench.run(repository, TASK)
      expect(run).toMatchObject({ code: 1, status: 'failed' })
      const step = run.step(AGENT_STEP)
      expect(step).toMatchObject({ outcome: 'failed' })
      expect(step?.note).toMatch(/^model (failed|refused): The provider of scripted at \S+ can't be reached\./)
      if (agent.patient) expect(step?.note).toContain(GIVEN_UP)

      const called = run.of('model.called')
      expect(called.length).toBeGreaterThan(1)
      for (const { outcome, refusal, note, countedTokens, costMicros } of called) {
        expect(['failed null', 'refused unreachable']).toContain(`${outcome} ${refusal}`)
        expect(note).toMatch(DOWN)
        expect([countedTokens, costMicros]).toEqual([0, 0])
      }
      const { stdout } = await bench.glovebox('runs', 'show', run.id)
      expect(stdout).toContain('The provider of scripted at 127.0.0.1:')
      expect(run.reason).toMatch(
        /step `tests` exited with 1; step `make the tests pass` .*\(model .*: The provider of scripted at \S+ can't be reached\./,
      )
      expect(await readdir(join(bench.data, 'sandboxes'))).toEqual([])
      expect(await processesOf(run.id)).toEqual([])
    })

    test('a run continues normally when the provider comes back', TIMEOUT, async () => {
      await using bench = await openAgentBench({ agent, script: fixLeapYear() })
      // The built-in agent tries a request twice and leaves further retries to the gateway.
      const outage = agent.patient ? 2 : 1
      await using back = new AsyncDisposableStack()
      const events = await runThrough(bench, outage, async () => {
        back.use(await restart(bench))
      })
      expect(events.at(-1)).toMatchObject({ kind: 'run.finished', body: { status: 'succeeded' } })
      const called = events.flatMap((event) => (event.kind === 'model.called' ? [event.body] : []))
      const missed = called.findIndex(({ outcome }) => outcome === 'answered')
      expect(missed).toBeGreaterThanOrEqual(outage)
      for (const { outcome, note, countedTokens } of called.slice(0, missed)) {
        expect([outcome, countedTokens]).toEqual(['failed', 0])
        expect(note).toMatch(DOWN)
      }
      expect(called.slice(missed).map(({ outcome }) => outcome)).toEqual(called.slice(missed).map(() => 'answered'))
      expect(events.some(({ kind }) => kind === 'change.proposed')).toBe(true)
    })
  })
}

/** Starts the provider again on its earlier port. */
function restart(bench: AgentBench): Promise<ScriptedModel> {
  return startScriptedModel({ script: fixLeapYear(), key: bench.key, port: Number(new URL(bench.model.url).port) })
}

/**
 * A run during which the provider is down until a number of calls have failed. The agent gets the last failure later.
 */
async function runThrough(bench: AgentBench, outage: number, comeBack: () => Promise<void>): Promise<Event[]> {
  await bench.model[Symbol.asyncDispose]()
  const repository = await bench.repository(repairTask())
  let left = outage
  const watching = <S extends WritingStore>(store: S): S => ({
    ...store,
    async record(events: Parameters<S['record']>[0]) {
      for (const { kind, body } of events)
        if (kind === 'model.called' && body.outcome === 'failed' && --left === 0) await comeBack()
      return store.record(events)
    },
  })
  await using context = await openContext({ dataFolder: bench.data, work: true }, ({ store }) => ({
    store: { ...store, underClaim: (claim) => watching(store.underClaim(claim)) },
  }))
  return await runToEnd(context, repository)
}

/** Finds the processes of a run's sandbox: each has the folder of the run mounted. */
async function processesOf(run: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const mounts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/mountinfo`, 'latin1').catch(() => '')))
  return pids.filter((_, at) => mounts[at]!.includes(`/sandboxes/${run}/`))
}
