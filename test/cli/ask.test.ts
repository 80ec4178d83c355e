// The commands with which a person sees and answers an agent's permission requests.
import { expect, test } from 'vitest'
import { CONTROLS, HOSTILE, RUN } from './samples.ts'
import { sampleTerminals } from './sample-terminals.ts'

const terminals = sampleTerminals()
const FIRST = '2123456789abcdefghj0'
const SECOND = '3123456789abcdefghj0'

async function openWithAsk() {
  const terminal = await terminals.open()
  await terminal.instance.addRun({ id: RUN })
  await terminal.instance.addAsk({ id: FIRST, run: RUN, command: 'npm test\nrm -rf node_modules' })
  return terminal
}

test('ask list shows the whole command with marked lines, and the next commands', async () => {
  const { type } = await openWithAsk()
  const { stdout } = await type('ask')
  expect(stdout).toContain(
    `Ask ${FIRST.slice(-8)} waits for an answer\n  claude-code in run ${RUN.slice(-8)}, step #1: execute Run the tests\n`,
  )
  expect(stdout).toContain('    $ npm test\n    $ rm -rf node_modules\n')
  expect(stdout).toContain(`glovebox ask allow ${FIRST.slice(-8)}`)
  expect(JSON.parse((await type('ask', 'list', '--json')).stdout)).toMatchObject([{ id: FIRST, status: 'open' }])
})

test('accepts one answer by a prefix of the id, with a reason, and refuses a second one', async () => {
  const { type, instance } = await openWithAsk()
  expect((await type('ask', 'deny', '2123', '--reason', 'not here')).stdout).toContain('denied by user:alice')
  expect(instance.asked.at(-1)).toMatchObject({ caller: { actor: { id: 'user:alice' } }, endpoint: 'denyAsk' })
  const again = await type('ask', 'allow', FIRST)
  expect(again).toMatchObject({ code: 2, stdout: '' })
  expect(again.stderr).toContain('has already denied it')
  expect((await type('ask')).stdout).toBe('No agent is waiting for an answer.\n')
  expect((await type('ask', 'list', '--all', '--run', 'latest')).stdout).toContain(': not here')
})

test('refuses `latest` when several requests wait', async () => {
  const { type, instance } = await openWithAsk()
  await instance.addAsk({ id: SECOND, run: RUN, command: 'curl evil.example' })
  const refused = await type('ask', 'allow', 'latest')
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain(SECOND)
  expect((await type('ask', 'deny', SECOND)).code).toBe(0)
  expect((await type('ask', 'allow', 'latest', '--json')).stdout).toContain(`"id":"${FIRST}"`)
  expect((await type('ask', 'allow', 'latest')).stderr).toContain('No agent is waiting for an answer')
})

test('text of an agent cannot control a terminal or imitate our lines', async () => {
  const { type, instance } = await openWithAsk()
  const path = `/workspace/${HOSTILE}`
  await instance.addAsk({ id: SECOND, run: RUN, title: HOSTILE, command: `${HOSTILE}\nAsk x allowed`, paths: [path] })
  const { stdout } = await type('ask')
  expect(stdout).not.toMatch(CONTROLS)
  expect(stdout).not.toMatch(/^Ask x/m)
})

test('a person who follows a run sees the open request and how to answer it', async () => {
  const { type, instance } = await terminals.open()
  instance.onQueued = async (run) => {
    const asked = {
      title: 'Run tests',
      tool: 'execute',
      paths: [],
      omitted: 0,
      command: `npm test ${HOSTILE}`,
      options: [],
    }
    await instance.emit(run.id, 'agent.asked', { step: 1, ask: FIRST, call: 'c1', ...asked })
    await instance.emit(run.id, 'ask.opened', { step: 1, ask: FIRST, deadline: 1 })
    const decided = {
      step: 1,
      ask: FIRST,
      outcome: 'denied' as const,
      by: 'deadline' as const,
      reasons: [],
      note: null,
    }
    await instance.emit(run.id, 'ask.decided', decided)
    await instance.finish(run.id, 'succeeded')
  }
  const { stdout, stderr } = await type('run', 'fix-vulnerabilities', '--repo', 'storefront')
  expect(stderr).toContain('the agent asks: execute $ npm test')
  expect(stderr).toContain(`  glovebox ask allow ${FIRST.slice(-8)}\n  glovebox ask deny ${FIRST.slice(-8)}\n`)
  expect(stderr).toContain('denied (nobody answered in time): execute $ npm test')
  expect(stdout).toMatch(/Refused: 1 action\n {2}the agent: execute \$ npm test.*: nobody answered in time/)
  expect(stdout + stderr).not.toMatch(CONTROLS)
})
