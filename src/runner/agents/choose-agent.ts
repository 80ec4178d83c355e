// Which agent a step is for, and how it reaches its model.
import type { AgentKind, AgentRegistry, InstalledAgent, ModelAddress } from '../../agents/types.ts'
import { WIRES_OF } from '../../domain/connections/model-connection.ts'
import type { PlannedAgent } from '../../domain/task/plan-steps.ts'
import { GATEWAY_PORT } from '../../gateway/types.ts'
import type { RunnerParts } from '../job.ts'
import { StopReason } from '../stop-reason.ts'
import { type AgentChoice, agentName } from './agent-choice.ts'

/** The gateway knows the run by its socket; a client only wants to see something where its key belongs. */
const DUMMY_KEY = 'glovebox-holds-the-key'

export function chooseAgent(
  agents: AgentRegistry,
  step: PlannedAgent,
  choice: AgentChoice,
): { kind: AgentKind; model: ModelAddress } {
  const name = agentName(step, choice)
  const kind = agents.get(name)
  if (kind === null)
    throw new StopReason('failed', `there is no agent \`${name}\`; there are: ${agents.names.join(', ')}`)
  const { connection, model } = choice
  // The connection's order: most of what is compatible with OpenAI has its older API only.
  const wire = WIRES_OF[connection.provider].find((each) => kind.wires.includes(each))
  if (wire === undefined) {
    throw new StopReason(
      'failed',
      `${kind.title} can't speak to ${connection.name} (${connection.provider}); it speaks ${kind.wires.join(', ')}`,
    )
  }
  const url = `http://127.0.0.1:${GATEWAY_PORT}/models/${connection.name}`
  return { kind, model: { connection: connection.name, model, wire, url, dummyKey: DUMMY_KEY } }
}

export async function installedAgent(kind: AgentKind, parts: RunnerParts): Promise<InstalledAgent> {
  return parts.installedAgent(kind, parts.sandbox.kind).catch((error: unknown) => {
    throw new StopReason('failed', error instanceof Error ? error.message : String(error))
  })
}
