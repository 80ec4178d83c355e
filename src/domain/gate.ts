// The gate: the named conditions that a change must meet before it may be published or merged. All conditions are
// evaluated, so that all unmet ones are shown.
import { z } from 'zod'
import { actorKind } from './actor.ts'
import { type Change, type Decision, requestersOf } from './change.ts'
import type { RunStatus } from './events/fields.ts'

export const GateCondition = z.object({
  name: z.string(),
  met: z.boolean(),
  detail: z.string(),
})
export type GateCondition = z.infer<typeof GateCondition>

export interface GateInput {
  change: Change
  runStatus: RunStatus
  /** The current commit of the change's branch in quarantine; null if it can't be read. */
  quarantineCommit: string | null
  /** Whether the policies in force let this person, such as `user:ada`, approve the change. */
  mayApprove: (person: string) => boolean
}

type Step = (input: GateInput) => GateCondition

const GATE: readonly Step[] = [runSucceeded, notRejected, commitUnchanged, checksPassed, approvedByAPerson]

export function evaluateGate(input: GateInput): GateCondition[] {
  return GATE.map((step) => step(input))
}

export function gateIsOpen(conditions: readonly GateCondition[]): boolean {
  return conditions.length > 0 && conditions.every((condition) => condition.met)
}

function runSucceeded({ runStatus }: GateInput): GateCondition {
  return { name: 'run succeeded', met: runStatus === 'succeeded', detail: `run status: ${runStatus}` }
}

function notRejected({ change }: GateInput): GateCondition {
  const by = change.decisions.find((decision) => decision.decision === 'rejected' && decision.commit === change.commit)
  return {
    name: 'not rejected',
    met: by === undefined,
    detail: by ? `rejected by ${by.actor.id}` : 'nobody rejected it',
  }
}

function commitUnchanged({ change, quarantineCommit }: GateInput): GateCondition {
  const met = quarantineCommit === change.commit
  const detail = met
    ? `quarantine holds ${change.commit.slice(0, 12)}`
    : 'quarantine does not hold the commit that was inspected'
  return { name: 'commit as inspected', met, detail }
}

function checksPassed({ change }: GateInput): GateCondition {
  const failed = change.checks.filter((check) => !check.passed)
  const detail =
    failed.length > 0 ? `failed: ${failed.map((check) => check.name).join(', ')}` : `${change.checks.length} passed`
  return { name: 'checks passed', met: failed.length === 0, detail }
}

/** Optional policies that let people approve their own change, and the remark that the gate then adds. */
const SAME_EYES = {
  requester: { policy: 'solo', says: 'who also asked for the run (policy solo)' },
  via: { policy: 'own-automation', says: 'who let a service ask for the run (policy own-automation)' },
} as const

/**
 * Invariant 8: only people's approvals count, only for the commit that they saw, and not on their own request. Everyone
 * who asked for an attempt is a requester.
 */
function approvedByAPerson({ change, mayApprove }: GateInput): GateCondition {
  const approval = change.decisions.find(
    (decision) =>
      decision.decision === 'approved' &&
      decision.commit === change.commit &&
      actorKind(decision.actor) === 'user' &&
      countsFor(decision, change),
  )
  const same = approval ? sameEyes(approval, change).map((which) => SAME_EYES[which].says) : []
  const detail = approval ? `approved by ${[approval.actor.id, ...same].join(', ')}` : whoIsNeeded(change, mayApprove)
  return { name: 'approved', met: approval !== undefined, detail }
}

/** Names the people behind the change, and whether one of them is enough. */
function whoIsNeeded(change: Change, mayApprove: GateInput['mayApprove']): string {
  const people = [...peopleBehind(change)].map(([id, how]) => ({ allowed: mayApprove(id), text: `${id}, ${how}` }))
  const barred = people.filter(({ allowed }) => !allowed).map(({ text }) => text)
  const free = people.filter(({ allowed }) => allowed).map(({ text }) => text)
  const other = barred.length === 0 ? '' : ` other than ${barred.join(', and ')}`
  const own = free.length === 0 ? '' : `; ${free.join(', and ')}, may give it, too`
  return `needs the approval of a person${other}${own}`
}

/** From the id of each person who asked for an attempt, directly or as a service, to how. */
function peopleBehind(change: Change): Map<string, string> {
  const run = change.attempts.length > 1 ? 'a run of it' : 'the run'
  const people = new Map<string, string>()
  for (const requester of requestersOf(change)) {
    if (requester.via !== undefined) people.set(requester.via, `who started ${run} as ${requester.id}`)
    if (actorKind(requester) === 'user') people.set(requester.id, `who asked for ${run}`)
  }
  return people
}

function countsFor(decision: Decision, change: Change): boolean {
  return sameEyes(decision, change).every((which) => decision.policies.includes(SAME_EYES[which].policy))
}

/** The ways in which the person who decided also asked for an attempt. */
function sameEyes({ actor }: Decision, change: Change): (keyof typeof SAME_EYES)[] {
  const requesters = requestersOf(change)
  return [
    ...(requesters.some(({ id }) => id === actor.id) ? (['requester'] as const) : []),
    ...(requesters.some(({ via }) => via === actor.id) ? (['via'] as const) : []),
  ]
}
