// The built-in policies for agents: model calls of a run, actions of an agent, and people's answers to its requests.
import { describe, expect, test } from 'vitest'
import type { Attributes, EntityRef, PolicyQuestion } from '../../src/policy/types.ts'
import { ADA, ASK_BEFORE_ACTING, ENGINE, NIGHTLY, READER, RUN, check } from './policy-bench.ts'
import type { Row } from './policy-bench.ts'

function model(id: string, attributes: Attributes, context: Attributes, principal = RUN): PolicyQuestion {
  return { principal, action: 'model.call', resource: { type: 'Model', id, attributes }, context }
}

describe('model calls of a run', () => {
  const attributes = { connection: 'main', model: 'good' }
  const context = { ...attributes, mode: 'write' }
  check(ENGINE, [
    ['a model without a connection', model('good', {}, context), false, []],
    ['a model without context', model('main/good', attributes, {}), false, []],
    ['a configured model', model('main/good', attributes, context), true, ['model-call-configured']],
    [
      'a configured model, read-only',
      model('main/good', attributes, { ...context, mode: 'read-only' }, READER),
      true,
      ['model-call-configured'],
    ],
    [
      'the list of a connection',
      model('main/', { ...attributes, model: '' }, { ...context, model: '' }),
      true,
      ['model-call-configured'],
    ],
  ])

  test.each([
    ['the id names another model', model('main/dear', attributes, context)],
    ['the id names another connection', model('other/good', attributes, context)],
    ['the context names another model', model('main/good', attributes, { ...context, model: 'dear' })],
    ['the context names another connection', model('main/good', attributes, { ...context, connection: 'other' })],
  ])('%s', (_, question) => {
    expect(ENGINE.decide(question)).toMatchObject({
      allowed: false,
      errors: [expect.stringContaining('two different values')],
    })
  })
})

function tool(action: string, kind: string, context: Attributes = {}, principal = RUN): PolicyQuestion {
  return {
    principal,
    action,
    resource: { type: 'Tool', id: kind, attributes: { kind } },
    context: { mode: 'write', agent: 'claude-code', step: 1, tool: kind, title: 't', paths: [], ...context },
  }
}

const KINDS = ['read', 'search', 'think', 'execute', 'edit', 'delete', 'move', 'fetch', 'switch_mode', 'other']
const LOOKS = KINDS.slice(0, 3)

describe('permission requests of an agent', () => {
  check(
    ENGINE,
    KINDS.flatMap((kind): Row[] => [
      [
        `${kind} in the box`,
        tool('agent.act', kind, { command: 'rm -rf /' }),
        true,
        ['act-in-the-box', ...(LOOKS.includes(kind) ? ['look-in-the-box'] : [])],
      ],
      [`a person is not bothered with ${kind}`, tool('agent.ask', kind), false, []],
    ]),
  )

  test('denies a tool with two different kinds, with an error', () => {
    const { allowed, errors } = ENGINE.decide(tool('agent.act', 'read', { tool: 'execute' }))
    expect([allowed, errors]).toEqual([false, ['two different values for tool']])
  })
})

describe('with ask-before-acting in force', () => {
  check(
    ASK_BEFORE_ACTING,
    KINDS.flatMap((kind): Row[] =>
      LOOKS.includes(kind)
        ? [
            [`${kind} is allowed`, tool('agent.act', kind), true, ['look-in-the-box']],
            [`${kind} is not asked for`, tool('agent.ask', kind), false, []],
          ]
        : [
            [`${kind} is not allowed at once`, tool('agent.act', kind), false, []],
            [`${kind} is asked for`, tool('agent.ask', kind), true, ['ask-before-acting']],
          ],
    ),
  )
})

function answer(principal: EntityRef, actor: string, requester = 'user:bob'): PolicyQuestion {
  return {
    principal,
    action: 'ask.decide',
    resource: { type: 'Ask', id: 'a1', attributes: { run: 'r1', requester, tool: 'execute' } },
    context: { actor, requester, answer: 'allowed', tool: 'execute' },
  }
}

describe('answers to permission requests', () => {
  check(ENGINE, [
    ['a service', answer(NIGHTLY, 'service:nightly'), false, ['services-never-decide']],
    [
      'the service that requested the run',
      answer(NIGHTLY, 'service:nightly', 'service:nightly'),
      false,
      ['services-never-decide'],
    ],
    ['a run', answer(RUN, 'run:r1'), false, ['runs-never-decide']],
    ['a run that calls itself a person', answer(RUN, 'run:r1', 'run:r1'), false, ['runs-never-decide']],
    ['a person', answer(ADA, 'user:ada'), true, ['people-answer']],
    ['the requester of the run', answer(ADA, 'user:ada', 'user:ada'), true, ['people-answer']],
  ])

  test('denies an actor who is not the principal, with an error', () => {
    expect(ENGINE.decide(answer(NIGHTLY, 'user:ada'))).toMatchObject({ allowed: false, errors: [expect.any(String)] })
  })
})
