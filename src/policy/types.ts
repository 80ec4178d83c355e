// The types of policy questions and decisions. Cedar decides for people, services and runs alike (policy-engine.ts); an
// error denies.
import type { NewEvent } from '../domain/event.ts'
import type { DecisionSummary } from '../domain/events/fields.ts'

export type CedarValue = string | number | boolean | readonly CedarValue[] | { readonly [key: string]: CedarValue }
export type Attributes = Readonly<Record<string, CedarValue>>

export interface EntityRef {
  type:
    | 'User'
    | 'Service'
    | 'Run'
    | 'Repository'
    | 'Change'
    | 'Host'
    | 'Ref'
    | 'Instance'
    | 'Program'
    | 'Model'
    | 'Secret'
    | 'Tool'
    | 'Ask'
  id: string
  attributes: Attributes
  /** Names of the teams that a User or Service is in. */
  teams?: readonly string[]
}

export interface PolicyQuestion {
  principal: EntityRef
  action: string
  resource: EntityRef
  context: Attributes
}

export interface PolicyDecision extends DecisionSummary {
  errors: string[]
}

export interface PolicyEngine {
  /** Digest over schema and all policies in force, `sha256:…`. */
  readonly digest: string
  /** Ids of the policies in force. */
  readonly policyIds: readonly string[]
  /** Never throws: a question that can't be decided is denied, with the error in `errors`. */
  decide(question: PolicyQuestion): PolicyDecision
}

/** A memory of answers does not know this one (policy-memory.ts); whoever asked must ask an engine. */
export class UnknownAnswer extends Error {
  constructor() {
    super('the answer to this question is not remembered')
    this.name = 'UnknownAnswer'
  }
}

/**
 * Evaluates the policies for one run or one person and records `policy.decided` before it resolves (invariant 6).
 * Rejects if the event can't be recorded; the caller must then refuse. `also` returns further events to record in the
 * same transaction.
 */
export type Authorise = (
  question: Omit<PolicyQuestion, 'principal'>,
  also?: (decision: DecisionSummary) => readonly NewEvent[],
) => Promise<DecisionSummary>
