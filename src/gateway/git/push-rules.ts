// Rules that no policy can relax: a push may only create or fast-forward the run's own branch.
import type { GatewayRun } from '../types.ts'
import type { ReceiveRequest, RefCommand } from './receive-request.ts'

export interface PushRuleInput {
  request: ReceiveRequest
  run: GatewayRun
  /** Full name to commit of the refs that exist. */
  refs: ReadonlyMap<string, string>
}

/** Checks that need no pack. Returns a reason to refuse for each command, or null. One refused command refuses all. */
export function screenCommands(input: PushRuleInput): (string | null)[] {
  const reasons = input.request.commands.map((command) => screenCommand(command, input))
  if (reasons.every((reason) => reason === null)) return reasons
  return reasons.map((reason) => reason ?? 'not pushed, because another ref was refused')
}

type Rule = (command: RefCommand, input: PushRuleInput) => string | null

const RULES: readonly Rule[] = [
  (_, { run }) => (run.mode === 'write' ? null : 'this run is read-only'),
  ({ ref }, { run }) => (ref === allowedRef(run) ? null : `this run may push only ${allowedRef(run)}`),
  ({ kind }) => (kind === 'delete' ? 'a run cannot delete refs' : null),
  (_, { request }) =>
    request.notOffered.length === 0 ? null : `not offered here: ${request.notOffered.join(' ').slice(0, 100)}`,
  (_, { request }) => (request.shallow ? 'a shallow clone cannot push: git fetch --unshallow' : null),
  ({ ref, old, kind }, { refs }) => {
    const current = refs.get(ref)
    if (kind === 'create') return current === undefined ? null : 'it already exists: fetch first'
    return current === old ? null : 'it is at another commit: fetch first'
  },
]

function screenCommand(command: RefCommand, input: PushRuleInput): string | null {
  for (const rule of RULES) {
    const reason = rule(command, input)
    if (reason !== null) return reason
  }
  return null
}

export function allowedRef(run: GatewayRun): string {
  return `refs/heads/${run.branch}`
}
