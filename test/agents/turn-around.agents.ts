import { describe, expect, inject, test } from 'vitest'
import type { AgentName } from './agent-packages.ts'
import { openAgentScene } from './agent-scene.ts'
import type { AgentScene } from './agent-scene.ts'
import { driveAcp } from './drive-acp.ts'
import { drivePlain } from './drive-plain.ts'

// Outside any sandbox: that each real agent finds its way through the script, so that what fails inside one is ours.

const agents = inject('agents')

/** What an agent asks for besides its model, whatever it is told. */
const ASKS_ANYWAY: Record<string, RegExp> = { opencode: /^CONNECT registry\.\S+:443$/ }

for (const { name, installed, reason } of agents.filter((agent) => agent.folder === undefined)) {
  test(`${name} ${installed ?? ''}`, (context) => context.skip(reason))
}

for (const agent of agents.filter((agent) => agent.folder !== undefined)) {
  describe(`${agent.name} ${agent.installed}`, () => {
    turnAround(agent.name, agent.folder!)
  })
}

function turnAround(name: AgentName, folder: string): void {
  test('over ACP it asks, fixes the test and announces its tool calls', async () => {
    const scene = await openAgentScene(name, folder, true)
    const turn = await driveAcp(scene, { answer: 'allow_once' })
    expect(turn).toMatchObject({ protocolVersion: 1, stopReason: 'end_turn', exitCode: 0 })
    expect(turn.asked).toContain('node --test')
    const announced = turn.updates.filter((update) => update.sessionUpdate.startsWith('tool_call'))
    expect(announced.length).toBeGreaterThanOrEqual(3)
    expectRepaired(name, scene)
  })

  test('as a plain command it fixes the test and prints JSON events', async () => {
    const scene = await openAgentScene(name, folder, false)
    const turn = await drivePlain(scene)
    expect(turn, turn.errors).toMatchObject({ exitCode: 0 })
    expect(JSON.stringify(turn.events)).toContain('node --test')
    expectRepaired(name, scene)
  })

  test('over ACP it does not run what it was denied', async () => {
    const scene = await openAgentScene(name, folder, true)
    const turn = await driveAcp(scene, { answer: 'reject_once' })
    expect(turn.asked.length).toBeGreaterThan(0)
    expect(ranTests(scene)).toBe(false)
  })

  test('over ACP a turn is cancelled while the model is silent', async () => {
    const scene = await openAgentScene(name, folder, true)
    scene.model.misbehave({ kind: 'hold', until: new Promise(() => {}), times: 100 })
    const cancelAfter = untilAsked(scene)
    const turn = await driveAcp(scene, { answer: 'allow_once', cancelAfter })
    expect(turn.stopReason).toBe('cancelled')
  })
}

async function untilAsked({ model }: AgentScene): Promise<void> {
  await expect.poll(() => model.exchanges.some(({ request }) => request.length > 0), { timeout: 100_000 }).toBe(true)
}

/** What node --test prints at its end comes back to the model. */
function ranTests({ model }: AgentScene): boolean {
  return model.exchanges.some(({ request }) => request.includes('duration_ms'))
}

function expectRepaired(name: string, scene: AgentScene): void {
  const { model, proxy, testsPass, changedFiles } = scene
  expect(ranTests(scene)).toBe(true)
  expect(changedFiles()).toEqual(['src/leap-year.js'])
  expect(testsPass()).toBe(true)
  expect(model.exchanges.filter(({ played }) => played !== 'aside').map(({ played }) => played)).toEqual([0, 1, 2, 3])
  expect(model.exchanges.every(({ status, end }) => status === 200 && end === 'whole')).toBe(true)
  expect(proxy.asked.filter((each) => !ASKS_ANYWAY[name]?.test(each))).toEqual([])
}
