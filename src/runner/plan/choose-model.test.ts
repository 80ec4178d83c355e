import { expect, test } from 'vitest'
import { agentRegistry } from '../../agents/registry.ts'
import type { ModelConnection } from '../../domain/connections/model-connection.ts'
import { Task } from '../../domain/task/task.ts'
import { chooseModel } from './choose-model.ts'

const TASK = Task.parse({ name: 't', description: 'd', mode: 'write', steps: [{ agent: 'default', prompt: 'p' }] })
const COMMANDS = Task.parse({ name: 't', description: 'd', mode: 'write', steps: [{ run: 'true' }] })
const NOTHING = { name: null, connection: null, model: null }

function connection(name: string, ...models: string[]): ModelConnection {
  return { kind: 'model', name, provider: 'anthropic', models, credential: { from: 'stored' } } as ModelConnection
}

const HOUSE = connection('house', 'claude-opus', 'claude-haiku')
const SPARE = connection('spare', 'gpt-mini')

function choose(
  asked: { name?: string; connection?: string; model?: string },
  defaults: { default?: string; connection?: string; model?: string } = {},
  all: readonly ModelConnection[] = [HOUSE, SPARE],
  task = TASK,
) {
  const connections = {
    list: () => Promise.resolve(all),
    get: (name: string) => Promise.resolve(all.find((each) => each.name === name) ?? null),
  }
  const parts = { agents: agentRegistry([]), agentDefaults: { folders: {}, ...defaults }, connections }
  return chooseModel(parts, task, { ...NOTHING, ...asked })
}

test('takes the request before the configuration, and the first model of the connection without either', async () => {
  expect(await choose({ connection: 'spare' }, { connection: 'house' })).toMatchObject({ model: 'gpt-mini' })
  expect(await choose({}, { connection: 'house', model: 'claude-haiku' })).toMatchObject({ model: 'claude-haiku' })
  expect(await choose({}, {}, [HOUSE])).toMatchObject({ agent: 'built-in', model: 'claude-opus' })
})

test('a configured model of another connection gives way to the first one of the requested connection', async () => {
  expect(await choose({ connection: 'spare' }, { model: 'claude-haiku' })).toMatchObject({ model: 'gpt-mini' })
})

test.each([
  [{ name: 'codx' }, {}, /^there is no agent `codx`$/, 'did you mean `codex`?'],
  [{ connection: 'huose' }, {}, /^there is no model connection `huose`$/, 'did you mean `house`?'],
  [{ connection: 'house', model: 'claude-opsu' }, {}, /^connection house has no model/, 'did you mean `claude-opus`?'],
  [{}, { connection: 'huose' }, /^agents\.connection of glovebox\.yaml names `huose`/, 'did you mean `house`?'],
  [
    {},
    { connection: 'house', model: 'claude-hiaku' },
    /^agents\.model of glovebox\.yaml names `claude-hiaku`, but no model connection has it$/,
    'did you mean `claude-haiku`?',
  ],
  [{}, {}, /^there are several model connections: house, spare$/, /--connection/],
])('refuses a name that does not exist, with the nearest one: %j %j', async (asked, defaults, message, cure) => {
  await expect(choose(asked, defaults)).rejects.toMatchObject({
    message: expect.stringMatching(message) as string,
    cure: typeof cure === 'string' ? cure : (expect.stringMatching(cure) as string),
  })
})

test('without any connection, a task whose agent is needed is refused, and any other is not', async () => {
  await expect(choose({}, {}, [])).rejects.toThrow('task t asks an agent, but no model is connected')
  const step = TASK.steps[0]!
  for (const more of [{ optional: true }, { repairs: 'tests' }, { if: 'failure()' as const }]) {
    const task = { ...TASK, steps: [{ ...step, ...more }] }
    expect(await choose({}, {}, [], task)).toBeNull()
    await expect(choose({ model: 'm' }, {}, [], task)).rejects.toThrow('the model `m` is asked for, but no model')
  }
})

test('without any connection, the cure says how to add the one that was named', async () => {
  await expect(choose({ connection: 'house' }, {}, [])).rejects.toMatchObject({
    cure: 'add it with `glovebox connection set house …`',
  })
})

test('a task without an agent takes no agent', async () => {
  await expect(choose({ name: 'codex' }, {}, [], COMMANDS)).rejects.toThrow('asks no agent')
  expect(await choose({}, { default: 'codex' }, [], COMMANDS)).toBeNull()
})
