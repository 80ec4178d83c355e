// Tests of control over any running agent: by its budget, by a person's answers, and by cancelling.
import { createInterface } from 'node:readline'
import { describe, expect, test } from 'vitest'
import type { Ask } from '../../src/domain/ask.ts'
import type { SaidDid } from '../../src/domain/said-did/types.ts'
import { finished } from '../main-job/glovebox.ts'
import type { AgentBench, AgentRun } from './agent-bench.ts'
import { openAgentBench, readRun } from './agent-bench.ts'
import { titleOf } from './agent-under-test.ts'
import type { AgentUnderTest } from './agent-under-test.ts'
import { AGENT_STEP, ENDLESS, fixLeapYear, repairTask, TASK } from './repair-task.ts'

const TIMEOUT = { timeout: 240_000 }
const ASKING = { policies: { enable: ['ask-before-acting'] } }

export function describeConduct(agent: AgentUnderTest): void {
  describe(`${titleOf(agent)} is controlled while it works`, () => {
    test('an exceeded budget ends its step, and no further request is sent', TIMEOUT, async () => {
      await using bench = await openAgentBench({ agent, script: ENDLESS })
      const repository = await bench.repository(repairTask({ budget: { tokens: agent.budget }, 'max-turns': 500 }))
      const run = await bench.run(repository, TASK)
      expect(run).toMatchObject({ code: 1, status: 'failed' })
      const step = run.step(AGENT_STEP)
      expect(step).toMatchObject({ outcome: 'failed' })
      expect(step?.note).toContain(`The budget \`step ${AGENT_STEP}\` of ${agent.budget} tokens has`)
      const called = run.of('model.called')
      const firstRefusal = called.findIndex(({ outcome }) => outcome === 'refused')
      expect(firstRefusal).toBeGreaterThan(0)
      expect(called.slice(firstRefusal).every(({ refusal }) => refusal === 'budget')).toBe(true)
      expect(bench.model.exchanges).toHaveLength(firstRefusal)
      const taken = called.reduce((sum, { countedTokens }) => sum + countedTokens, 0)
      expect(taken).toBeLessThanOrEqual(agent.budget)
      const { stdout } = await bench.glovebox('runs', 'show', run.id)
      expect(stdout).toMatch(new RegExp(`^ +model scripted ${agent.model}( \\(\\d+ times\\))?: The budget `, 'm'))
    })

    test.runIf(agent.asks)(
      'a person allows one action and denies another, from the command line',
      TIMEOUT,
      async () => {
        const denied = 'touch denied'
        const script = fixLeapYear({ calls: [{ tool: 'run', command: denied }] })
        await using bench = await openAgentBench({ agent, script, configuration: ASKING })
        const repository = await bench.repository(
          repairTask({}, { artifacts: [{ name: 'denied', path: 'denied', optional: true }] }),
        )
        const { run, asks } = await answerAll(bench, repository, (ask) => !wordsOf(ask).includes(denied))
        expect(asks.map((ask) => [ask.tool, wordsOf(ask).includes(denied)])).toEqual([
          ['edit', false],
          ['execute', false],
          ['execute', true],
        ])
        expect(run.of('ask.decided').map(({ outcome, by }) => `${outcome} by ${by}`)).toEqual([
          'allowed by person',
          'allowed by person',
          'denied by person',
        ])
        expect(run.of('artifact.stored').map(({ name }) => name)).toEqual(['glovebox-inspection.json'])
        expect(run.of('step.finished').filter(({ name }) => name === 'tests')).toHaveLength(2)
        const { stdout } = await bench.glovebox('trace', run.id, '--said-did', '--json')
        const calls = (JSON.parse(stdout) as SaidDid).steps[0]!.calls.filter(({ permission }) => permission !== 'none')
        expect(
          calls.map(({ permission, verdict }) => [permission, verdict === 'with-more' ? 'seen' : verdict]),
        ).toEqual([
          ['allowed', 'seen'],
          // Some agents wrap the command in a script of their own.
          ['allowed', expect.stringMatching(/^(seen|with-more)$/)],
          ['denied', 'denied'],
        ])
      },
    )

    test(
      'cancelling the run while the model is silent ends the turn, and the agent exits by itself',
      TIMEOUT,
      async () => {
        await using bench = await openAgentBench({ agent, script: fixLeapYear() })
        bench.model.misbehave({ kind: 'hold', until: new Promise(() => {}), times: 100 })
        const repository = await bench.repository(repairTask())
        const child = bench.start('run', TASK, '--repo', repository, '--json')
        const ended = finished(child)
        await until(() => Promise.resolve(bench.model.exchanges.some(({ request }) => request.length > 0)), ended)
        expect(await bench.glovebox('runs', 'cancel', 'latest')).toMatchObject({ code: 0 })
        const run = await readRun(bench, await ended)
        expect(run.status).toBe('cancelled')
        expect(run.of('agent.ended')).toMatchObject([{ outcome: 'cancelled' }])
        expect(run.step(AGENT_STEP)).toMatchObject({ outcome: 'cancelled', code: 0 })
        expect(run.of('model.called').map(({ outcome }) => outcome)).not.toContain('answered')
        await expect
          .poll(() => bench.model.exchanges.map(({ end }) => end))
          .toEqual(expect.not.arrayContaining(['open']))
        expect(await bench.glovebox('change', 'list', '--json')).toMatchObject({ stdout: '[]\n' })
      },
    )
  })
}

/** Some agents put the command only into the title. */
function wordsOf({ title, command }: Ask): string {
  return `${title} ${command}`
}

/** A person at another terminal, who types the commands that the run prints. */
async function answerAll(
  bench: AgentBench,
  repository: string,
  allow: (ask: Ask) => boolean,
): Promise<{ run: AgentRun; asks: Ask[] }> {
  const asks: Ask[] = []
  const child = bench.start('run', TASK, '--repo', repository, '--json')
  const ended = finished(child)
  for await (const line of createInterface(child.stderr!)) {
    const [, id] = /^ *\S*glovebox ask allow (\w+)/.exec(line) ?? []
    if (id === undefined) continue
    const list = JSON.parse((await bench.glovebox('ask', 'list', '--json')).stdout) as Ask[]
    const ask = list.find((each) => each.id.endsWith(id))!
    asks.push(ask)
    const answered = await bench.glovebox('ask', allow(ask) ? 'allow' : 'deny', id, '--reason', 'I looked at it')
    expect(answered, answered.stderr).toMatchObject({ code: 0 })
  }
  return { run: await readRun(bench, await ended), asks }
}

async function until(what: () => Promise<boolean>, ended: Promise<unknown>): Promise<void> {
  let over = false
  void ended.finally(() => (over = true))
  await expect.poll(async () => over || (await what()), { timeout: 120_000 }).toBe(true)
  expect(over).toBe(false)
}
