// The agent, connection and model that a run's agent steps use.
import type { ModelConnection } from '../../domain/connections/model-connection.ts'
import type { PlannedAgent } from '../../domain/task/plan-steps.ts'

/** Choice for a run's agent steps, pinned when the run was requested. */
export interface AgentChoice {
  /** The agent that `agent: default` means. */
  agent: string
  connection: ModelConnection
  model: string
}

export function agentName(step: Pick<PlannedAgent, 'agent'>, choice: Pick<AgentChoice, 'agent'>): string {
  return step.agent === 'default' ? choice.agent : step.agent
}
