// The current state of a change, with every condition of its gate, met or not.
import type { ChangeDetail } from '../../contract/resources.ts'
import type { Change } from '../../domain/change.ts'
import { evaluateGate } from '../../domain/gate.ts'
import { PUSH_BRANCH } from '../../domain/run.ts'
import { commitOf } from '../../git/quarantine.ts'
import type { ServiceParts } from '../parts.ts'
import { advisoriesOf } from '../runs/stored-results.ts'
import { quarantineOf } from './quarantine-of.ts'

export type DescribeParts = Pick<ServiceParts, 'store' | 'git' | 'quarantines' | 'mirrors'>

export async function describeChange(parts: DescribeParts, change: Change): Promise<ChangeDetail> {
  const run = await parts.store.runs.get(change.run)
  const runStatus = run?.status ?? 'error'
  const quarantineCommit = await quarantineOf(parts, change)
    .then((repository) => commitOf(parts.git, repository, PUSH_BRANCH))
    .catch(() => null)
  return {
    change,
    gate: evaluateGate({ change, runStatus, quarantineCommit }),
    runStatus,
    advisories: await advisoriesOf(parts, change.run),
  }
}
