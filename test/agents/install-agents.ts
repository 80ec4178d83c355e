import { AGENT_PACKAGES, MISSING_PACKAGES } from './agent-packages.ts'
import type { AgentName } from './agent-packages.ts'
import { installAgent } from './install-agent.ts'

// Installs the agents that test:agents drives, and says which it could not and why. Also a program: without tests, it
// prints the table and ends with 1 when there are fewer agents than the tests need.

export interface AgentState {
  name: AgentName
  /** "package@version" */
  installed: string | undefined
  folder: string | undefined
  /** Why it is skipped. */
  reason: string | undefined
}

const NEEDED = 3

export async function installAgents(): Promise<AgentState[]> {
  const states: AgentState[] = []
  for (const agent of AGENT_PACKAGES) {
    const installed = `${agent.package}@${agent.version}`
    try {
      states.push({ name: agent.name, installed, folder: await installAgent(agent), reason: undefined })
    } catch (error) {
      states.push({ name: agent.name, installed, folder: undefined, reason: lastLines(error) })
    }
  }
  for (const { name, reason } of MISSING_PACKAGES)
    states.push({ name, installed: undefined, folder: undefined, reason })
  return states
}

export function tableOf(states: readonly AgentState[]): string {
  return states
    .map(
      ({ name, installed, reason }) =>
        `${name.padEnd(12)} ${(installed ?? '-').padEnd(44)} ${reason === undefined ? 'installed' : `skipped: ${reason}`}`,
    )
    .join('\n')
}

/** npm says what was wrong at the end of much else. */
function lastLines(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
  return text.trim().split('\n').slice(-2).join(' ').slice(0, 300)
}

if (import.meta.main) {
  const states = await installAgents()
  console.log(tableOf(states))
  if (states.filter((state) => state.folder !== undefined).length < NEEDED) process.exitCode = 1
}
