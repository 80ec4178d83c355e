import { readFileSync } from 'node:fs'
import { join } from 'node:path'

// The agents that engineers use, as packages that are no dependencies of ours. Each folder of packages/ has the package
// that is installed and the lock file that pins, by digest, all that comes with it.

export type InstalledName = 'claude-code' | 'codex' | 'gemini-cli' | 'opencode'
export type AgentName = InstalledName | 'openhands'

export interface AgentPackage {
  name: InstalledName
  package: string
  version: string
  /** Under node_modules: what is asked for its version, to see that it runs at all. */
  probe: readonly [program: 'node' | 'itself', path: string]
}

export interface MissingPackage {
  name: AgentName
  /** Why it is not tried. */
  reason: string
}

/** npm names a platform as Node does. */
const PLATFORM = `${process.platform}-${process.arch}`

export const PACKAGES_FOLDER = join(import.meta.dirname, 'packages')

export const AGENT_PACKAGES: readonly AgentPackage[] = [
  // Its adapter brings the whole of Claude Code, as a program for each platform.
  pinned('claude-code', ['itself', `@anthropic-ai/claude-agent-sdk-${PLATFORM}/claude`]),
  pinned('codex', ['node', '@openai/codex/bin/codex.js']),
  pinned('gemini-cli', ['node', '@google/gemini-cli/bundle/gemini.js']),
  // Its own entry in node_modules/.bin wants an install script to have run; the program for the platform does not.
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
