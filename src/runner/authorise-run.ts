// Policy questions that code in the sandbox raises. The principal is the run. Each decision is recorded before the
// answer.
import type { Run } from '../domain/run.ts'
import type { ReachSet } from '../domain/reach.ts'
import { PUSH_BRANCH } from '../domain/run.ts'
import type { Task } from '../domain/task/task.ts'
import type { Authorise, EntityRef, PolicyEngine } from '../policy/types.ts'
import type { Recorder } from '../store/types.ts'

/** `hosts`: the hosts that the names in the task's `reach` stand for. */
export function authoriseRun(
  run: Run,
  task: Task,
  hosts: ReachSet,
  policy: PolicyEngine,
  recorder: Recorder,
): Authorise {
  const itself = runPrincipal(run)
  const attributes = { ...itself.attributes, reach: task.reach, gitHosts: hosts.git, readHosts: hosts.read }
  const principal = { ...itself, attributes }
  return async ({ action, resource, context }, also = () => []) => {
    const { allowed, reasons, errors } = policy.decide({ principal, action, resource, context })
    const body = {
      action,
      resource: `${resource.type}::${resource.id}`.slice(0, 4096),
      allowed,
      reasons: [...reasons],
      errors: [...errors],
    }
    await recorder.record([
      { run: run.id, source: 'gateway', actor: { id: `run:${run.id}` }, kind: 'policy.decided', body },
      ...also({ allowed, reasons }),
    ])
    return { allowed, reasons }
  }
}

export function runPrincipal(run: Run): EntityRef {
  const { id, task, mode, repository, requester } = run
  return {
    type: 'Run',
    id,
    attributes: { task, mode, repository, requester: requester.id, branch: PUSH_BRANCH },
  }
}
