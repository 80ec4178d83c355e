import { describe, expect, test } from 'vitest'
import type { Actor } from './actor.ts'
import { type Change, type Decision, firstAttempt } from './change.ts'
import { evaluateGate, gateIsOpen } from './gate.ts'

const COMMIT = 'a'.repeat(40)
const OTHER = 'b'.repeat(40)

const change: Change = {
  id: '0'.repeat(20),
  run: '1'.repeat(20),
  repository: '/srv/x.git',
  branch: 'glovebox/t/1',
  target: 'main',
  base: OTHER,
  commit: COMMIT,
  title: 't',
  body: '',
  status: 'open',
  files: 1,
  insertions: 1,
  deletions: 0,
  diff: `sha256:${'0'.repeat(64)}`,
  pack: null,
  protectedPaths: [],
  findings: [],
  checks: [{ name: 'tests', passed: true, detail: '' }],
  requester: { id: 'user:ada' },
  decisions: [],
  attempts: [],
  mergeCommit: null,
  publishAs: 'glovebox/x/1',
  published: false,
  createdAt: 0,
}

function approval(fields: Partial<Decision>): Decision {
  return {
    actor: { id: 'user:grace' },
    decision: 'approved',
    commit: COMMIT,
    reason: null,
    policies: ['people-decide'],
    time: 0,
    ...fields,
  }
}

function opens(
  decisions: Decision[],
  fields: Partial<Change> = {},
  runStatus: 'succeeded' | 'failed' = 'succeeded',
  quarantineCommit: string | null = COMMIT,
) {
  return gateIsOpen(
    evaluateGate({ change: { ...change, ...fields, decisions }, runStatus, quarantineCommit, mayApprove: () => false }),
  )
}

test('another person’s approval of the inspected commit opens the gate', () => {
  expect(opens([approval({})])).toBe(true)
})

test.each([
  ['nobody approved', []],
  ['the requester approved', [approval({ actor: { id: 'user:ada' } })]],
  ['a service approved', [approval({ actor: { id: 'service:bot' } })]],
  ['the run approved', [approval({ actor: { id: 'run:1' } })]],
  ['the approval was for another commit', [approval({ commit: OTHER })]],
  [
    'someone approved and someone rejected',
    [approval({}), approval({ decision: 'rejected', actor: { id: 'user:alan' } })],
  ],
])('the gate stays closed when %s', (_, decisions) => {
  expect(opens(decisions as Decision[])).toBe(false)
})

test('the requester’s approval counts only if policy `solo` allowed it, and the gate says so', () => {
  const decisions = [approval({ actor: { id: 'user:ada' }, policies: ['solo'] })]
  expect(opens(decisions)).toBe(true)
  const approved = evaluateGate({
    change: { ...change, decisions },
    runStatus: 'succeeded',
    quarantineCommit: COMMIT,
    mayApprove: () => false,
  }).find((condition) => condition.name === 'approved')
  expect(approved?.detail).toContain('policy solo')
})

test('approval by the person behind a service counts only if `own-automation` allowed it, and the gate says so', () => {
  const requester = { id: 'service:bot', via: 'user:alan' }
  const by = (id: string, policies: string[]) => [approval({ actor: { id }, policies })]
  expect(opens(by('user:alan', ['people-decide', 'solo']), { requester })).toBe(false)
  expect(opens(by('user:alan', ['own-automation']), { requester })).toBe(true)
  expect(opens(by('user:grace', ['people-decide']), { requester })).toBe(true)
  const decisions = by('user:alan', ['own-automation'])
  const conditions = evaluateGate({
    change: { ...change, requester, decisions },
    runStatus: 'succeeded',
    quarantineCommit: COMMIT,
    mayApprove: () => false,
  })
  expect(conditions.find((condition) => condition.name === 'approved')?.detail).toContain('policy own-automation')
})

test('a failed check, a failed run or another commit in quarantine keeps the gate closed', () => {
  expect(opens([approval({})], { checks: [{ name: 'tests', passed: false, detail: '' }] })).toBe(false)
  expect(opens([approval({})], {}, 'failed')).toBe(false)
  expect(opens([approval({})], {}, 'succeeded', OTHER)).toBe(false)
  expect(opens([approval({})], {}, 'succeeded', null)).toBe(false)
})

test('shows all unmet conditions, not only the first', () => {
  const unmet = evaluateGate({ change, runStatus: 'failed', quarantineCommit: null, mayApprove: () => false }).filter(
    (condition) => !condition.met,
  )
  expect(unmet.map((condition) => condition.name)).toEqual(['run succeeded', 'commit as inspected', 'approved'])
})

test('a gate without conditions is closed', () => {
  expect(gateIsOpen([])).toBe(false)
})

describe('everyone who asked for an attempt is a requester', () => {
  const attempts = (...requesters: Actor[]): Change['attempts'] =>
    requesters.map((requester, index) => ({ ...firstAttempt({ ...change, requester }), number: index + 1 }))
  const mine = (...requesters: Actor[]) => ({ attempts: attempts({ id: 'user:ada' }, ...requesters) })

  test.each([
    ['who asked for the second attempt', mine({ id: 'user:grace' })],
    ['who asked for an attempt before the last', mine({ id: 'user:grace' }, { id: 'user:ada' })],
    ['whose service asked for the second attempt', mine({ id: 'service:nightly', via: 'user:grace' })],
  ])('the approval of a person %s does not open the gate', (_, fields) => {
    expect(opens([approval({})], fields)).toBe(false)
  })

  test('a person who asked both under their own name and through a service needs both policies', () => {
    const both = mine({ id: 'user:grace' }, { id: 'service:nightly', via: 'user:grace' })
    expect(opens([approval({ policies: ['people-decide', 'solo'] })], both)).toBe(false)
    expect(opens([approval({ policies: ['people-decide', 'own-automation'] })], both)).toBe(false)
    expect(opens([approval({ policies: ['people-decide', 'solo', 'own-automation'] })], both)).toBe(true)
  })

  test('the approval of a person who asked for none opens it', () => {
    expect(opens([approval({})], mine({ id: 'user:bob' }))).toBe(true)
  })
})
