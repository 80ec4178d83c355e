// Policy decision on an agent's permission request.
import type { PermissionRequest } from '../../agents/types.ts'
import type { Permission } from '../../domain/permission.ts'
import { permissionOf } from '../../domain/permission.ts'
import type { Run } from '../../domain/run.ts'
import type { PolicyEngine } from '../../policy/types.ts'
import { runPrincipal } from '../authorise-run.ts'

const MAX_TITLE_CHARS = 1000

/**
 * Gives the policies the whole command and the whole paths, so that no suffix can bypass a rule about the text. Denies
 * a question that is too large for the policies.
 */
export function decidePermission(
  policy: PolicyEngine,
  { run, step, agent, request }: { run: Run; step: number; agent: string; request: PermissionRequest },
): Permission {
  const { tool, title, command, paths } = request
  const question = {
    principal: runPrincipal(run),
    resource: { type: 'Tool' as const, id: tool, attributes: { kind: tool } },
    context: {
      mode: run.mode,
      agent,
      step,
      tool,
      title: title.slice(0, MAX_TITLE_CHARS).toWellFormed(),
      ...(command === null ? {} : { command }),
      paths: [...paths],
    },
  }
  return permissionOf({
    act: policy.decide({ ...question, action: 'agent.act' }),
    ask: policy.decide({ ...question, action: 'agent.ask' }),
  })
}
