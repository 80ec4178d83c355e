// Broken or malicious agents, defined in the configuration. The run ends and names the reason.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { finished } from '../main-job/glovebox.ts'
import type { AgentBench } from './agent-bench.ts'
import { openAgentBench, readRun } from './agent-bench.ts'
import { BUILT_IN } from './agent-under-test.ts'
import { AGENT_STEP, fixLeapYear, repairTask, TASK } from './repair-task.ts'

const FOLDER = join(import.meta.dirname, 'bad-agents')
const TIMEOUT = { timeout: 120_000 }
/** The process that the deaf agent leaves behind sleeps for a unique time, by which the test finds it. */
const SLEEP = String(2e9 + process.pid)

function openBad(name: string, protocol: 'acp' | 'plain', ...args: string[]): Promise<AgentBench> {
  return openBadWith({}, name, protocol, ...args)
}

function openBadWith(
  more: Record<string, unknown>,
  name: string,
  protocol: 'acp' | 'plain',
  ...args: string[]
): Promise<AgentBench> {
  const argv = ['node', `{folder}/${name}.mjs`, ...args]
  return openAgentBench({
    agent: { ...BUILT_IN, name: `bad-${name}`, folder: FOLDER },
    script: fixLeapYear(),
    configuration: {
      ...more,
      agents: {
        default: `bad-${name}`,
        folders: { [`bad-${name}`]: FOLDER },
        custom: { [`bad-${name}`]: { argv, protocol } },
      },
    },
  })
}

describe.concurrent('an agent that', () => {
  test.each([
    ['prints binary', 'binary', 'is not UTF-8 text'],
    ['speaks broken JSON-RPC', 'broken', 'is not JSON: {"jsonrpc"'],
    [
      'speaks an unknown version of the protocol',
      'future',
      'speaks version 7 of the Agent Client Protocol, Glovebox speaks 1',
    ],
  ])('%s fails with the reason, and the run still finishes', TIMEOUT, async (_, name, says) => {
    await using bench = await openBad(name, 'acp')
    const run = await bench.run(await bench.repository(repairTask()), TASK)
    expect(run).toMatchObject({ code: 1, status: 'failed' })
    expect(run.step(AGENT_STEP)).toMatchObject({ outcome: 'failed', note: expect.stringContaining(says) })
    expect(run.of('agent.ended')).toMatchObject([{ outcome: 'failed' }])
    expect(run.of('coverage.reported')).toMatchObject([{ complete: true }])
    expect((await bench.glovebox('runs', 'show', run.id)).stdout).toContain(says.slice(0, 20))
  })

  test(
    'requests a model that its connection does not permit is refused, and nothing reaches the provider',
    TIMEOUT,
    async () => {
      await using bench = await openBad('other-model', 'plain', '{url}', '{model}')
      const run = await bench.run(await bench.repository(repairTask()), TASK)
      const { stdout } = await bench.glovebox('output', run.id, AGENT_STEP)
      const lines = stdout.trim().split('\n')
      expect(lines.map((line) => line.slice(0, 3))).toEqual([
        '404',
        '403',
        expect.stringMatching(/40[34]/),
        expect.stringMatching(/40[034]/),
      ])
      expect(lines[0]).toContain(`${BUILT_IN.model}-dearer`)
      expect(
        run
          .of('model.called')
          .map(({ outcome, refusal }) => [outcome, refusal])
          .slice(0, 3),
      ).toEqual([
        ['refused', 'model'],
        ['refused', 'server-tool'],
        ['refused', 'request'],
      ])
      expect(bench.model.exchanges).toEqual([])
      expect(JSON.stringify(run.events)).not.toContain('stolen-elsewhere')
    },
  )

  test('exits without waiting for an answer leaves no open permission request behind', TIMEOUT, async () => {
    await using bench = await openBadWith({ policies: { enable: ['ask-before-acting'] } }, 'leaves', 'acp')
    const run = await bench.run(await bench.repository(repairTask()), TASK)
    expect(run.of('ask.decided')).toMatchObject([{ outcome: 'denied', by: 'end', note: "the agent's turn is over" }])
    expect(run.step(AGENT_STEP)).toMatchObject({ outcome: 'succeeded' })
    const { stdout } = await bench.glovebox('ask', 'list', '--json')
    expect(JSON.parse(stdout)).toEqual([])
  })

  test('ignores a cancel is killed, with all its processes', TIMEOUT, async ({ expect }) => {
    // The test's own `expect`: the shared one cannot tell concurrent tests apart.
    await using bench = await openBad('deaf', 'acp', SLEEP)
    const repository = await bench.repository(repairTask())
    const ended = finished(bench.start('run', TASK, '--repo', repository, '--json'))
    await expect.poll(sleepers, { timeout: 60_000 }).toBe(1)
    expect(await bench.glovebox('runs', 'cancel', 'latest')).toMatchObject({ code: 0 })
    const run = await readRun(bench, await ended)
    expect(run.status).toBe('cancelled')
    expect(run.step(AGENT_STEP)).toMatchObject({ outcome: 'cancelled', signal: 9 })
    expect(await sleepers()).toBe(0)
  })
})

test('refuses a model that the connection does not have before the run starts', TIMEOUT, async () => {
  await using bench = await openAgentBench({ agent: BUILT_IN, script: fixLeapYear() })
  const repository = await bench.repository(repairTask())
  const { code, stderr } = await bench.glovebox('run', TASK, '--repo', repository, '--model', 'another')
  expect(code).toBe(2)
  expect(stderr).toContain('connection scripted has no model `another`')
  expect(stderr).toContain(`known: ${BUILT_IN.model}`)
})

async function sleepers(): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')))
  return lines.filter((line) => line === `sleep\0${SLEEP}\0`).length
}
