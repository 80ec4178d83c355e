import type { TestProject } from 'vitest/node'
import type { AgentState } from './install-agents.ts'
import { installAgents, tableOf } from './install-agents.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    agents: AgentState[]
  }
}

/** The globalSetup of test:agents for vitest. */
export async function setup(project: TestProject): Promise<void> {
  const states = await installAgents()
  console.log(`${tableOf(states)}\n`)
  project.provide('agents', states)
}
