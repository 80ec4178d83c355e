import type { AgentDefinition } from '../domain/agent-definition.ts'
import { builtIn } from './presets/built-in.ts'
import { claudeCode, claudeCodePlain } from './presets/claude-code.ts'
import { codex, codexPlain } from './presets/codex.ts'
import { customAgent } from './presets/custom.ts'
import { geminiCli, geminiCliPlain } from './presets/gemini-cli.ts'
import { opencode, opencodePlain } from './presets/opencode.ts'
import { openhands } from './presets/openhands.ts'
import type { AgentKind, AgentRegistry } from './types.ts'

const PRESETS: readonly AgentKind[] = [
  builtIn,
  claudeCode,
  claudeCodePlain,
  codex,
  codexPlain,
  geminiCli,
  geminiCliPlain,
  opencode,
  opencodePlain,
  openhands,
]

/** An agent defined in the configuration replaces the preset of the same name. */
export function agentRegistry(definitions: readonly AgentDefinition[]): AgentRegistry {
  const kinds = new Map([...PRESETS, ...definitions.map(customAgent)].map((kind) => [kind.name, kind]))
  return { names: [...kinds.keys()], get: (name) => kinds.get(name) ?? null }
}
