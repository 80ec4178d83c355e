import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderOfThisTest } from '../../test/test-folder.ts'
import { loadPolicies } from './load-policies.ts'
import { createPolicyEngine } from './policy-engine.ts'
import { openPolicyMemory } from './policy-memory.ts'
import { UnknownAnswer, type PolicyQuestion } from './types.ts'

const BUILT_IN = join(import.meta.dirname, '../../policies')
const ACTIONS = new Set(['run.read', 'audit.read'])

function ask(action: string, more: Partial<PolicyQuestion> = {}): PolicyQuestion {
  return {
    principal: { type: 'User', id: 'ada', attributes: { name: 'ada', roles: [] }, teams: [] },
    action,
    resource: { type: 'Instance', id: 'glovebox', attributes: {} },
    context: { actor: 'user:ada' },
    ...more,
  }
}

/** Each call is a process of its own. */
function setUp() {
  const folder = folderOfThisTest()
  const builtInFolder = join(folder, 'policies')
  cpSync(BUILT_IN, builtInFolder, { recursive: true })
  const extra = join(folder, 'extra')
  mkdirSync(extra)
  const file = join(folder, 'answers.json')
  async function open(version = '1') {
    const policies = { builtInFolder, extraFolders: [extra], enable: [] }
    const memory = await openPolicyMemory({ file, policies, version, actions: ACTIONS })
    const engine = () => {
      const { inForce, schema } = loadPolicies(policies)
      return memory.watch(createPolicyEngine({ policies: inForce, schema }))
    }
    return { memory, engine }
  }
  return { file, extra, open }
}

async function answered(open: ReturnType<typeof setUp>['open'], ...questions: PolicyQuestion[]) {
  const { memory, engine } = await open()
  const asked = engine()
  const decisions = questions.map((question) => asked.decide(question))
  await memory.save()
  return decisions
}

test('a permission to read outlives the process, with the policies that gave it', async () => {
  const { file, open } = setUp()
  const [decision] = await answered(open, ask('run.read'))
  expect(decision?.allowed).toBe(true)
  expect((await open()).memory.decide(ask('run.read'))).toEqual(decision)
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('another question is not answered from memory', async () => {
  const { open } = setUp()
  await answered(open, ask('run.read'))
  const { memory } = await open()
  const eve = ask('run.read', {
    principal: { type: 'User', id: 'eve', attributes: { name: 'eve', roles: [] }, teams: [] },
    context: { actor: 'user:eve' },
  })
  expect(() => memory.decide(eve)).toThrow(UnknownAnswer)
  expect(() => memory.decide(ask('run.read', { context: { actor: 'user:eve' } }))).toThrow(UnknownAnswer)
})

test('neither refusals nor permissions to change something are remembered', async () => {
  const { extra, open } = setUp()
  writeFileSync(join(extra, 'no.cedar'), '@id("no") forbid (principal, action == Action::"audit.read", resource);')
  const questions = [ask('audit.read'), ask('policy.edit')]
  await answered(open, ...questions)
  const { memory } = await open()
  for (const question of questions) expect(() => memory.decide(question)).toThrow(UnknownAnswer)
})

test('answers of an engine whose policies changed after the start are not remembered', async () => {
  const { extra, open } = setUp()
  const { memory, engine } = await open()
  const file = join(extra, 'more.cedar')
  writeFileSync(file, '@id("more") permit (principal, action == Action::"audit.read", resource);')
  expect(engine().decide(ask('audit.read')).allowed).toBe(true)
  await memory.save()
  rmSync(file)
  expect(() => memory.decide(ask('audit.read'))).toThrow(UnknownAnswer)
  const later = await open()
  expect(() => later.memory.decide(ask('audit.read'))).toThrow(UnknownAnswer)
})

test('a changed policy, another Cedar and a damaged file empty the memory', async () => {
  const { file, extra, open } = setUp()
  await answered(open, ask('run.read'))
  const kept = readFileSync(file, 'utf8')
  await expect(open('2').then(({ memory }) => memory.decide(ask('run.read')))).rejects.toThrow(UnknownAnswer)
  writeFileSync(file, kept.slice(0, -10))
  await expect(open().then(({ memory }) => memory.decide(ask('run.read')))).rejects.toThrow(UnknownAnswer)
  writeFileSync(file, kept)
  expect((await open()).memory.decide(ask('run.read')).allowed).toBe(true)
  writeFileSync(join(extra, 'no.cedar'), '@id("no") forbid (principal, action == Action::"audit.read", resource);')
  await expect(open().then(({ memory }) => memory.decide(ask('run.read')))).rejects.toThrow(UnknownAnswer)
})
