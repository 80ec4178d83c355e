// The built-in policies and sample principals, for the tables of this folder.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadPolicies } from '../../src/policy/load-policies.ts'
import { createPolicyEngine } from '../../src/policy/policy-engine.ts'
import type { EntityRef, PolicyEngine, PolicyQuestion } from '../../src/policy/types.ts'

function engineWith(enable: string[]): PolicyEngine {
  const { inForce, schema } = loadPolicies({
    builtInFolder: join(import.meta.dirname, '../../policies'),
    extraFolders: [],
    enable,
  })
  return createPolicyEngine({ policies: inForce, schema })
}

export const ENGINE = engineWith([])
export const SOLO = engineWith(['solo'])
export const OWN_AUTOMATION = engineWith(['own-automation'])
export const ASK_BEFORE_ACTING = engineWith(['ask-before-acting'])

export const ADA: EntityRef = { type: 'User', id: 'ada', attributes: { name: 'ada' } }
export const NIGHTLY: EntityRef = { type: 'Service', id: 'service:nightly', attributes: { declared: true } }
export const UNDECLARED: EntityRef = { type: 'Service', id: 'service:other', attributes: { declared: false } }
export const RUN: EntityRef = {
  type: 'Run',
  id: 'r1',
  attributes: {
    task: 'fix',
    mode: 'write',
    repository: '/srv/shop',
    requester: 'user:ada',
    branch: 'glovebox-change',
    reach: ['npm'],
  },
}
export const READER: EntityRef = { ...RUN, attributes: { ...RUN.attributes, mode: 'read-only', reach: [] } }
export const INSTANCE: EntityRef = { type: 'Instance', id: 'local', attributes: {} }
export const REPOSITORY: EntityRef = { type: 'Repository', id: '/srv/shop', attributes: {} }
export const OWN = 'refs/heads/glovebox-change'

export type Row = readonly [title: string, question: PolicyQuestion, allowed: boolean, reasons: readonly string[]]

export function check(engine: PolicyEngine, rows: readonly Row[]): void {
  test.each(rows.map((row) => [row[0], row] as const))('%s', (_, [, question, allowed, reasons]) => {
    expect(engine.decide(question)).toEqual({ allowed, reasons, errors: [] })
  })
}
