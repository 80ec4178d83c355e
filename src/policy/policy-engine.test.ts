import { describe, expect, test } from 'vitest'
import { parsePolicies } from './parse-policies.ts'
import { createPolicyEngine } from './policy-engine.ts'
import { PolicyError } from './policy-error.ts'
import { readSchema } from './schema.ts'
import type { PolicyQuestion } from './types.ts'

const SCHEMA = readSchema()

function engineFor(text: string) {
  return createPolicyEngine({ policies: parsePolicies(text, 'x.cedar', SCHEMA), schema: SCHEMA })
}

const PUSH: PolicyQuestion = {
  principal: { type: 'Run', id: 'r1', attributes: { mode: 'write' } },
  action: 'git.push',
  resource: { type: 'Ref', id: 'refs/heads/x', attributes: {} },
  context: { mode: 'write', ref: 'refs/heads/x', allowedRef: 'refs/heads/x', kind: 'create', forced: false },
}

test('denies a request that no policy permits, without a reason', () => {
  const engine = engineFor('@id("other") permit (principal is User, action == Action::"audit.read", resource);')
  expect(engine.decide(PUSH)).toEqual({ allowed: false, reasons: [], errors: [] })
})

test('a permit allows and a forbid overrides it; each is the reason by its id', () => {
  const permit = '@id("may") permit (principal is Run, action == Action::"git.push", resource);'
  const forbid =
    '@id("not") forbid (principal, action == Action::"git.push", resource) when { context.kind == "create" };'
  expect(engineFor(permit).decide(PUSH)).toEqual({ allowed: true, reasons: ['may'], errors: [] })
  expect(engineFor(permit + forbid).decide(PUSH)).toEqual({ allowed: false, reasons: ['not'], errors: [] })
})

test('an evaluation error in one policy denies a request that another policy permits', () => {
  const text = `@id("may") permit (principal is Run, action == Action::"connect", resource);
    @id("breaks") forbid (principal, action == Action::"connect", resource) when { context has host && ip(context.host).isLoopback() };`
  // Strict validation refuses ip() of a variable, but not an overflow.
  expect(() => engineFor(text)).toThrow(PolicyError)
  const engine = engineFor(`@id("may") permit (principal is Run, action == Action::"connect", resource);
    @id("breaks") forbid (principal, action == Action::"connect", resource) when { context has port && context.port + 9223372036854775807 == 0 };`)
  const question = { ...PUSH, action: 'connect', resource: { type: 'Host', id: 'h:1', attributes: {} } as const }
  expect(engine.decide({ ...question, context: {} }).allowed).toBe(true)
  const answer = engine.decide({ ...question, context: { port: 1 } })
  expect(answer).toMatchObject({ allowed: false, reasons: [] })
  expect(answer.errors.join()).toMatch(/policy breaks: integer overflow/)
})

test('an answer depends on its own question only, not on earlier questions or on changes to earlier answers', () => {
  const engine = engineFor(
    '@id("only") permit (principal is Run, action == Action::"git.push", resource) when { principal has mode && principal.mode == "write" };',
  )
  const reader = { ...PUSH, principal: { type: 'Run', id: 'r1', attributes: { mode: 'read-only' } } } as const
  const first = engine.decide(PUSH)
  expect(first).toEqual({ allowed: true, reasons: ['only'], errors: [] })
  first.reasons.push('forged')
  first.allowed = false
  expect(engine.decide(PUSH)).toEqual({ allowed: true, reasons: ['only'], errors: [] })
  expect(engine.decide(reader).allowed).toBe(false)
  for (let id = 0; id < 2000; id += 1)
    engine.decide({
      ...reader,
      resource: { ...PUSH.resource, id: `refs/heads/${id}` },
      context: { ...PUSH.context, ref: `refs/heads/${id}` },
    })
  expect(engine.decide(PUSH).allowed).toBe(true)
  expect(engine.decide(reader).allowed).toBe(false)
  expect(
    engine.decide({
      ...PUSH,
      resource: { ...PUSH.resource, attributes: { mode: 'write' } },
      principal: { ...PUSH.principal, attributes: {} },
    }).allowed,
  ).toBe(false)
})

describe('denies a malformed question with an error', () => {
  const engine = engineFor('@id("all") permit (principal, action, resource);')
  const circular: Record<string, unknown> = {}
  circular['self'] = circular
  const deep = JSON.parse('['.repeat(2000) + ']'.repeat(2000)) as unknown
  const cases: [string, object][] = [
    ['unknown action', { action: 'git.force' }],
    ['action with a quote', { action: 'x"::y' }],
    ['empty action', { action: '' }],
    ['unknown principal type', { principal: { type: 'Root', id: 'x', attributes: {} } }],
    ['principal type with an injected entity', { principal: { type: 'User::"a"', id: 'x', attributes: {} } }],
    ['principal of the wrong type', { principal: { type: 'User', id: 'a', attributes: {} } }],
    ['no principal', { principal: undefined }],
    ['an attribute missing from the schema', { principal: { type: 'Run', id: 'r1', attributes: { root: true } } }],
    ['an attribute of the wrong type', { principal: { type: 'Run', id: 'r1', attributes: { mode: 3 } } }],
    ['a context key missing from the schema', { context: { ...PUSH.context, admin: true } }],
    ['missing context', { context: {} }],
    ['context of the wrong type', { context: { ...PUSH.context, forced: 'false' } }],
    ['no context', { context: undefined }],
    ['null in context', { context: { ...PUSH.context, ref: null } }],
    ['a fraction', { context: { ...PUSH.context, forced: 0.5 } }],
    ['not a number', { context: { ...PUSH.context, forced: Number.NaN } }],
    [
      'an entity smuggled in as a value',
      { context: { ...PUSH.context, ref: { __entity: { type: 'User', id: 'x' } } } },
    ],
    [
      'an extension smuggled in as a value',
      { context: { ...PUSH.context, ref: { __extn: { fn: 'ip', arg: '::1' } } } },
    ],
    ['a lone surrogate', { context: { ...PUSH.context, ref: '\ud800' } }],
    ['a lone surrogate as id', { principal: { type: 'Run', id: '\ud800', attributes: {} } }],
    ['an empty id', { principal: { type: 'Run', id: '', attributes: {} } }],
    ['a huge string', { context: { ...PUSH.context, ref: 'x'.repeat(10_000_000) } }],
    ['a circle', { context: circular }],
    ['a deep nest', { context: { ...PUSH.context, ref: deep } }],
    ['a bigint', { context: { ...PUSH.context, ref: 1n } }],
  ]
  test.each(cases)('%s', (_, change) => {
    const answer = engine.decide({ ...PUSH, ...change } as PolicyQuestion)
    expect(answer.allowed).toBe(false)
    expect(answer.errors).not.toEqual([])
    expect(answer.errors.join().length).toBeLessThan(25_000)
  })

  test.each([undefined, null, 3, 'x', []])('a value that is not a question: %j', (question) => {
    expect(engine.decide(question as unknown as PolicyQuestion)).toMatchObject({ allowed: false })
  })

  test('the engine still answers valid questions afterwards', () => {
    expect(engine.decide(PUSH)).toEqual({ allowed: true, reasons: ['all'], errors: [] })
  })
})

describe('denies a question that contradicts itself', () => {
  const engine = engineFor('@id("all") permit (principal, action, resource);')
  const host = { type: 'Host', id: 'a.example:443', attributes: { host: 'a.example', port: 443 } } as const
  const person = { principal: { type: 'User', id: 'user:ada', attributes: {} }, action: 'change.approve' } as const
  const change = { type: 'Change', id: 'c1', attributes: { requester: 'user:bob' } } as const
  const cases: [string, object][] = [
    ['two refs', { context: { ...PUSH.context, ref: 'refs/heads/main' } }],
    ['two hosts in id and attributes', { action: 'connect', resource: { ...host, id: 'b.example:443' }, context: {} }],
    ['two hosts in attributes and context', { action: 'connect', resource: host, context: { host: 'b.example' } }],
    ['two ports', { action: 'connect', resource: host, context: { port: 22 } }],
    [
      'an actor that is not the principal',
      { ...person, resource: change, context: { actor: 'user:eve', requester: 'user:bob' } },
    ],
    ['two requesters', { ...person, resource: change, context: { actor: 'user:ada', requester: 'user:eve' } }],
    [
      'a requester that is not an actor id',
      { ...person, resource: change, context: { actor: 'user:ada', requester: 'bob' } },
    ],
    [
      'an empty requester',
      { ...person, resource: { ...change, attributes: {} }, context: { actor: 'user:ada', requester: '' } },
    ],
  ]
  test.each(cases)('%s', (_, part) => {
    const answer = engine.decide({ ...PUSH, ...part } as PolicyQuestion)
    expect(answer.allowed).toBe(false)
    expect(answer.errors).not.toEqual([])
  })
})

describe('digest', () => {
  const a = '@id("a") permit (principal is User, action == Action::"audit.read", resource);'
  const b = '@id("b") permit (principal is User, action == Action::"run.read", resource);'
  test('does not depend on the order of the policies', () => {
    expect(engineFor(`${a}\n${b}`).digest).toBe(engineFor(`${b}\n${a}`).digest)
    expect(engineFor(a).digest).toMatch(/^sha256:[0-9a-f]{64}$/)
  })
  test('changes with a policy, its id and the schema', () => {
    const other = createPolicyEngine({ policies: parsePolicies(a, 'x.cedar', SCHEMA), schema: `${SCHEMA}\n// more` })
    const digests = [engineFor(a), engineFor(b), engineFor(a.replace('@id("a")', '@id("c")')), other].map(
      (engine) => engine.digest,
    )
    expect(new Set(digests).size).toBe(4)
  })
})

test('refuses policies that do not fit the schema or share an id', () => {
  const bad = { id: 'x', file: 'x.cedar', text: 'permit (principal, action == Action::"nope", resource);' }
  expect(() => createPolicyEngine({ policies: [bad], schema: SCHEMA })).toThrow(PolicyError)
  const good = { ...bad, text: 'permit (principal is User, action, resource);' }
  expect(() => createPolicyEngine({ policies: [good, good], schema: SCHEMA })).toThrow(/two policies/)
})

test('a person whose question names a team matches `principal in Team`', () => {
  const engine = engineFor(
    '@id("team") permit (principal in Team::"appsec", action == Action::"audit.read", resource);',
  )
  const question: PolicyQuestion = {
    principal: { type: 'User', id: 'ada', attributes: {}, teams: ['appsec'] },
    action: 'audit.read',
    resource: { type: 'Instance', id: 'local', attributes: {} },
    context: {},
  }
  expect(engine.decide(question).allowed).toBe(true)
  expect(engine.decide({ ...question, principal: { ...question.principal, teams: ['dev'] } }).allowed).toBe(false)
})
