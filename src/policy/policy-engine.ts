// The policy engine: evaluates questions with Cedar. It denies by default, and also on a question that does not fit the
// schema, a policy whose evaluation fails, and any unexpected error (invariants 3 and 6).
import type { AuthorizationAnswer, Context, EntityJson } from '@cedar-policy/cedar-wasm/nodejs'
import { preparsePolicySet, preparseSchema, statefulIsAuthorized, validate } from '@cedar-policy/cedar-wasm/nodejs'
import { createHash } from 'node:crypto'
import type { Policy } from './parse-policies.ts'
import { cedarErrors } from './parse-policies.ts'
import type { PolicyProblem } from './policy-error.ts'
import { PolicyError } from './policy-error.ts'
import { questionProblems } from './question.ts'
import { rememberAnswers } from './remember-answers.ts'
import type { EntityRef, PolicyDecision, PolicyEngine, PolicyQuestion } from './types.ts'

export type PolicySource = Pick<Policy, 'id' | 'text' | 'file'>

export interface EngineOptions {
  policies: readonly PolicySource[]
  schema: string
}

/** Longest recorded error text, in characters. */
const MAX_ERROR_CHARS = 1000

/** Throws PolicyError if a policy is invalid against the schema, or if two policies have the same id. */
export function createPolicyEngine({ policies, schema }: EngineOptions): PolicyEngine {
  refuseInvalid(policies, schema)
  const digest = digestOf(policies, schema)
  prepare(digest, policies, schema)
  const answer = rememberAnswers((question) => decisionOf(ask(question, digest)))
  return {
    digest,
    policyIds: policies.map((policy) => policy.id).toSorted(),
    decide: (question) => decide(question, answer),
  }
}

function decide(question: PolicyQuestion, answer: (question: PolicyQuestion) => PolicyDecision): PolicyDecision {
  try {
    const problems = questionProblems(question)
    return problems.length > 0 ? denied(problems) : answer(question)
  } catch (error) {
    return denied([error instanceof Error ? error.message : String(error)])
  }
}

function ask({ principal, action, resource, context }: PolicyQuestion, digest: string): AuthorizationAnswer {
  return statefulIsAuthorized({
    principal: { type: principal.type, id: principal.id },
    action: { type: 'Action', id: action },
    resource: { type: resource.type, id: resource.id },
    context: context as Context,
    entities: entitiesOf(principal, resource),
    preparsedPolicySetId: digest,
    preparsedSchemaName: digest,
    validateRequest: true,
  })
}

function decisionOf(answer: AuthorizationAnswer): PolicyDecision {
  if (answer.type === 'failure') return denied(answer.errors.map((error) => error.message))
  const { decision, diagnostics } = answer.response
  const errors = diagnostics.errors.map(({ policyId, error }) => `policy ${policyId}: ${error.message}`)
  // Cedar skips a policy whose evaluation fails. A skipped forbid must not lead to an allow, so any error denies.
  if (errors.length > 0) return denied(errors)
  return { allowed: decision === 'allow', reasons: diagnostics.reason.toSorted(), errors: [] }
}

function denied(errors: readonly string[]): PolicyDecision {
  return {
    allowed: false,
    reasons: [],
    errors: errors.slice(0, 20).map((error) => error.slice(0, MAX_ERROR_CHARS).toWellFormed()),
  }
}

/** If a run asks about itself, principal and resource are one entity, with the principal's attributes. */
function entitiesOf(principal: EntityRef, resource: EntityRef): EntityJson[] {
  const same = principal.type === resource.type && principal.id === resource.id
  return (same ? [principal] : [principal, resource]).map(({ type, id, attributes, teams = [] }) => ({
    uid: { type, id },
    attrs: attributes as EntityJson['attrs'],
    parents: teams.map((team) => ({ type: 'Team', id: team })),
  }))
}

function refuseInvalid(policies: readonly PolicySource[], schema: string): void {
  const ids = policies.map((policy) => policy.id)
  const twice = policies.filter(({ id }, index) => ids.indexOf(id) !== index)
  if (twice.length > 0)
    throw new PolicyError(
      'duplicate-id',
      twice.map(({ id, file }) => unplaced(file, `two policies have the id \`${id}\``, null)),
    )
  const answer = validate({
    schema,
    policies: { staticPolicies: textById(policies) },
    validationSettings: { mode: 'strict' },
  })
  const errors = policies.length > 0 ? cedarErrors(answer) : []
  if (errors.length > 0)
    throw new PolicyError(
      'invalid-policy',
      errors.map(({ message, help }) => unplaced('policies', message, help)),
    )
}

function prepare(name: string, policies: readonly PolicySource[], schema: string): void {
  const answers = [preparseSchema(name, schema), preparsePolicySet(name, { staticPolicies: textById(policies) })]
  const errors = answers.flatMap((answer) => (answer.type === 'failure' ? answer.errors : []))
  if (errors.length > 0)
    throw new PolicyError(
      'invalid-policy',
      errors.map(({ message, help }) => unplaced('policies', message, help)),
    )
}

function textById(policies: readonly PolicySource[]): Record<string, string> {
  return Object.fromEntries(policies.map(({ id, text }) => [id, text]))
}

function unplaced(file: string, message: string, cure: string | null): PolicyProblem {
  return { file, line: null, column: null, message, cure }
}

/** Digest over the schema and all policies, sorted by id: two instances with the same digest decide alike. */
function digestOf(policies: readonly PolicySource[], schema: string): string {
  const rows = policies.map(({ id, text }) => [id, text]).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))
  return `sha256:${createHash('sha256')
    .update(JSON.stringify([schema, rows]))
    .digest('hex')}`
}
