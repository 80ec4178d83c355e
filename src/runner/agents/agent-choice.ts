// What the agents of a run are asked with.
import type { ModelConnection } from '../../domain/connections/model-connection.ts'
import type { PlannedAgent } from '../../domain/task/plan-steps.ts'

/** What a run's agents are given, pinned when it was asked for. */
export interface AgentChoice {
  /** What `agent: default` stands for. */
  agent: string
  connection: ModelConnection
  model: string
}

export function agentName(step: Pick<PlannedAgent, 'agent'>, choice: Pick<AgentChoice, 'agent'>): string {
  return step.agent === 'default' ? choice.agent : step.agent
}
