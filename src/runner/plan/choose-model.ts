// Choice of agent, connection and model for a run: the requester's choice, else the configuration's, else the only
// connection.
import type { AgentRegistry } from '../../agents/types.ts'
import type { AgentDefaults } from '../../domain/agent-defaults.ts'
import { type Connection, isOfKind } from '../../domain/connections/connection.ts'
import type { ModelConnection } from '../../domain/connections/model-connection.ts'
import type { RunRequest } from '../../domain/run-request.ts'
import type { Task } from '../../domain/task/task.ts'
import { type AgentChoice, agentName } from '../agents/agent-choice.ts'
import { PlanError } from './plan-error.ts'

export interface ModelParts {
  agents: AgentRegistry
  agentDefaults: AgentDefaults
  /** Connections of all kinds, from the configuration file and the API. */
  connections: { list(): Promise<readonly Connection[]>; get(name: string): Promise<Connection | null> }
}

const BUILT_IN = 'built-in'

/** Resolves with null when the task has no agent step or no model is connected. */
export async function chooseModel(
  parts: ModelParts,
  task: Task,
  asked: RunRequest['agent'],
): Promise<AgentChoice | null> {
  const named = task.steps.flatMap((step) => (step.agent === undefined ? [] : [step.agent]))
  if (named.length === 0) {
    const stray = asked.name ?? asked.connection ?? asked.model
    if (stray === null) return null
    throw new PlanError(`task ${task.name} asks no agent, so \`${stray}\` has no use`)
  }
  const { agentDefaults } = parts
  const agent = asked.name ?? agentDefaults.default ?? BUILT_IN
  for (const name of named.map((each) => agentName({ agent: each }, { agent }))) {
    if (parts.agents.get(name) === null)
      throw new PlanError(`there is no agent \`${name}\``, `there are: ${parts.agents.names.join(', ')}`)
  }
  const connection = await chooseConnection(parts, asked.connection ?? agentDefaults.connection ?? null)
  if (connection === null) return null
  return { agent, connection, model: chooseModelOf(connection, asked, agentDefaults.model ?? null) }
}

async function chooseConnection(
  { connections }: Pick<ModelParts, 'connections'>,
  name: string | null,
): Promise<ModelConnection | null> {
  const all = (await connections.list()).filter((connection) => isOfKind(connection, 'model'))
  const known = all.map((connection) => connection.name)
  if (name === null) {
    if (all.length <= 1) return all[0] ?? null
    throw new PlanError(
      `there are several model connections: ${known.join(', ')}`,
      'name one with --connection, or as agents.connection in glovebox.yaml',
    )
  }
  const found = all.find((connection) => connection.name === name)
  if (found) return found
  throw new PlanError(
    `there is no model connection \`${name}\``,
    known.length === 0 ? 'add one with `glovebox connection set`' : `there are: ${known.join(', ')}`,
  )
}

function chooseModelOf(connection: ModelConnection, asked: RunRequest['agent'], configured: string | null): string {
  const fits = configured !== null && connection.models.includes(configured)
  const model = asked.model ?? (fits ? configured : connection.models[0])
  if (model !== undefined && connection.models.includes(model)) return model
  throw new PlanError(
    `connection ${connection.name} has no model \`${model}\``,
    `it allows: ${connection.models.join(', ')}`,
  )
}
