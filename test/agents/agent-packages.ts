import { readFileSync } from 'node:fs'
import { join } from 'node:path'

// The packages of external agents, which are not dependencies of ours. Each folder of packages/ names the package to
// install, with a lockfile that pins it and all its dependencies by digest.

export type InstalledName = 'claude-code' | 'codex' | 'gemini-cli' | 'opencode'
export type AgentName = InstalledName | 'openhands'

export interface AgentPackage {
  name: InstalledName
  package: string
  version: string
  /** Program under node_modules that is run with a version option, to check that it starts. */
  probe: readonly [program: 'node' | 'itself', path: string]
}

export interface MissingPackage {
  name: AgentName
  /** The reason why the agent is skipped. */
  reason: string
}

/** The platform's name, the same in npm and Node. */
const PLATFORM = `${process.platform}-${process.arch}`

export const PACKAGES_FOLDER = join(import.meta.dirname, 'packages')

export const AGENT_PACKAGES: readonly AgentPackage[] = [
  // Its adapter's package contains Claude Code itself, as one program per platform.
  pinned('claude-code', ['itself', `@anthropic-ai/claude-agent-sdk-${PLATFORM}/claude`]),
  pinned('codex', ['node', '@openai/codex/bin/codex.js']),
  pinned('gemini-cli', ['node', '@google/gemini-cli/bundle/gemini.js']),
  // Its entry in node_modules/.bin needs an install script to have run; the program for the platform does not.
  pinned('opencode', ['itself', `opencode-${PLATFORM}/bin/opencode`]),
]

export const MISSING_PACKAGES: readonly MissingPackage[] = [
  { name: 'openhands', reason: 'it is a Python package, and only npm packages are installed here' },
]

function pinned(name: InstalledName, probe: AgentPackage['probe']): AgentPackage {
  const file = join(PACKAGES_FOLDER, name, 'package.json')
  const { dependencies } = JSON.parse(readFileSync(file, 'utf8')) as { dependencies: Record<string, string> }
  const [entry] = Object.entries(dependencies)
  if (!entry) throw new Error(`${file} names no package`)
  return { name, package: entry[0], version: entry[1], probe }
}
