// The current state of a change, with every condition of its gate, met or not.
import type { ChangeDetail } from '../../contract/resources.ts'
import type { Attempt, Change } from '../../domain/change.ts'
import { evaluateGate } from '../../domain/gate.ts'
import { PUSH_BRANCH } from '../../domain/run.ts'
import { commitOf } from '../../git/quarantine.ts'
import type { ServiceParts } from '../parts.ts'
import { decideFor } from '../../runner/ask-policies.ts'
import { advisoriesOf } from '../runs/stored-results.ts'
import { changeContext, changeEntity } from './find-change.ts'
import { quarantineOf } from './quarantine-of.ts'

export type DescribeParts = Pick<
  ServiceParts,
  'store' | 'git' | 'quarantines' | 'mirrors' | 'policy' | 'declaredServices'
>

export async function describeChange(parts: DescribeParts, change: Change): Promise<ChangeDetail> {
  const run = await parts.store.runs.get(change.run)
  const runStatus = run?.status ?? 'error'
  const quarantineCommit = await quarantineOf(parts, change)
    .then((repository) => commitOf(parts.git, repository, PUSH_BRANCH))
    .catch(() => null)
  return {
    change,
    gate: evaluateGate({
      change,
      runStatus,
      quarantineCommit,
      mayApprove: (person) => mayApprove(parts, change, person),
    }),
    runStatus,
    attempts: await Promise.all(change.attempts.map((attempt) => describeAttempt(parts, attempt))),
    advisories: await advisoriesOf(parts, change.run),
  }
}

/** Asks the policies as if the person approved now; teams and roles of people who are not here are unknown. */
function mayApprove(parts: DescribeParts, change: Change, id: string): boolean {
  const ask = { action: 'change.approve', resource: changeEntity(change), context: changeContext(change, null) }
  return decideFor(parts, { actor: { id }, roles: [], teams: [] }, ask).allowed
}

async function describeAttempt({ store }: Pick<DescribeParts, 'store'>, { run: id, review }: Attempt) {
  const run = await store.runs.get(id)
  const comments = review === null ? null : await store.blobs.read(review)
  return {
    run: id,
    status: run?.status ?? 'error',
    reason: run?.reason ?? null,
    comments: comments && new TextDecoder().decode(comments),
  }
}
