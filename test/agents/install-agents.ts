import { AGENT_PACKAGES, MISSING_PACKAGES } from './agent-packages.ts'
import type { AgentName, InstalledName } from './agent-packages.ts'
import { installAgent } from './install-agent.ts'

// Installs the agents for test:agents and reports failures with their reasons. Also a program: it prints a table and
// exits with 1 if a named agent could not be installed or fewer agents are installed than the tests need.

export type AgentState = InstalledState | MissingState

interface InstalledState {
  name: InstalledName
  /** "package@version" */
  installed: string
  folder: string
  reason: undefined
}

interface MissingState {
  name: AgentName
  installed: string | undefined
  folder: undefined
  /** The reason why the agent is skipped. */
  reason: string
}

const NEEDED = 3

/** Installs all known agents, or those with these names. */
export async function installAgents(names?: readonly string[]): Promise<AgentState[]> {
  const wanted = ({ name }: { name: string }): boolean => names === undefined || names.includes(name)
  const states: AgentState[] = []
  for (const agent of AGENT_PACKAGES.filter(wanted)) {
    const installed = `${agent.package}@${agent.version}`
    try {
      states.push({ name: agent.name, installed, folder: await installAgent(agent), reason: undefined })
    } catch (error) {
      states.push({ name: agent.name, installed, folder: undefined, reason: reasonOf(error) })
    }
  }
  for (const { name, reason } of MISSING_PACKAGES.filter(wanted))
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

/** The useful lines of npm's output: the first lines name the problem, the last ones only its log file. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
  return text.trim().split('\n').slice(0, 4).join(' ').replaceAll('npm error ', '').slice(0, 300)
}

if (import.meta.main) {
  const names = process.argv.slice(2)
  const states = await installAgents(names.length === 0 ? undefined : names)
  console.log(tableOf(states))
  const needed = names.length === 0 ? NEEDED : names.length
  if (states.filter((state) => state.folder !== undefined).length < needed) process.exitCode = 1
}
