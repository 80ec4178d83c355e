// Choice of agent, connection and model for a run: the requester's choice, else the configuration's, else the only
// connection.
import type { AgentRegistry } from '../../agents/types.ts'
import type { AgentDefaults } from '../../domain/agent-defaults.ts'
import { type Connection, isOfKind } from '../../domain/connections/connection.ts'
import type { ModelConnection } from '../../domain/connections/model-connection.ts'
import { suggestion } from '../../domain/nearest-word.ts'
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
      throw new PlanError(`there is no agent \`${name}\``, suggestion(name, parts.agents.names))
  }
  const all = (await parts.connections.list()).filter((connection) => isOfKind(connection, 'model'))
  const connection = chooseConnection(all, asked.connection, agentDefaults.connection ?? null)
  if (connection === null) {
    const [needing] = task.steps.filter(needsModel)
    if (needing === undefined && asked.model === null) return null
    const cause = asked.model === null ? `task ${task.name} asks an agent` : `the model \`${asked.model}\` is asked for`
    throw new PlanError(
      `${cause}, but no model is connected`,
      'connect one: `glovebox connection set --help` shows how',
    )
  }
  const model = asked.model ?? defaultModel(connection, all, agentDefaults.model ?? null)
  if (connection.models.includes(model)) return { agent, connection, model }
  throw new PlanError(`connection ${connection.name} has no model \`${model}\``, suggestion(model, connection.models))
}

/** Whether the step can't be left out: others are skipped without a model, or may have nothing to do. */
function needsModel({ agent, optional, repairs, if: condition }: Task['steps'][number]): boolean {
  return agent !== undefined && !optional && repairs === undefined && condition !== 'failure()'
}

function chooseConnection(
  all: readonly ModelConnection[],
  asked: string | null,
  configured: string | null,
): ModelConnection | null {
  const name = asked ?? configured
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
    asked === null
      ? `agents.connection of glovebox.yaml names \`${name}\`, but there is no such model connection`
      : `there is no model connection \`${name}\``,
    known.length === 0 ? `add it with \`glovebox connection set ${name} …\`` : suggestion(name, known),
  )
}

/**
 * The configured model, else the first of the connection, also where the configured model belongs to another connection.
 * Throws PlanError if no connection has the configured model.
 */
function defaultModel(chosen: ModelConnection, all: readonly ModelConnection[], configured: string | null): string {
  if (configured === null || chosen.models.includes(configured)) return configured ?? chosen.models[0] ?? ''
  if (all.some(({ models }) => models.includes(configured))) return chosen.models[0] ?? ''
  throw new PlanError(
    `agents.model of glovebox.yaml names \`${configured}\`, but no model connection has it`,
    suggestion(configured, [...new Set(all.flatMap(({ models }) => models))]),
  )
}
