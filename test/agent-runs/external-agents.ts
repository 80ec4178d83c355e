// Popular external agents, described for the suites of this folder.
import type { InstalledName } from '../agents/agent-packages.ts'
import type { AgentUnderTest } from './agent-under-test.ts'

type Traits = Omit<AgentUnderTest, 'name' | 'folder' | 'docker'>

const USUAL = { asks: true, countsTurns: true, patient: true, own: [], reachesFor: [] }

const TRAITS: Readonly<Record<InstalledName, Traits>> = {
  'claude-code': { ...USUAL, provider: 'anthropic', model: 'claude-test', budget: 100_000 },
  // It offers its own patch tool only to models that it knows. Started by Glovebox, it never asks for permission.
  codex: { ...USUAL, provider: 'openai', model: 'gpt-5.5', budget: 100_000, asks: false, countsTurns: false },
  // It gives up by itself if the model repeats itself a few times.
  'gemini-cli': { ...USUAL, provider: 'gemini', model: 'gemini-test', budget: 50_000 },
  opencode: {
    ...USUAL,
    provider: 'openai-compatible',
    model: 'open-test',
    budget: 100_000,
    // When its steps are used up, it asks its model for a summary and still executes the tool calls in the answer.
    countsTurns: false,
    // It has its own git implementation in its process, which looks for changes.
    own: [/^read \/workspace\/repo\//],
    reachesFor: [/^https:\/\/[^/]+\/@opencode-ai%2fplugin$/],
  },
}

/** The `plain` form of an agent: one command that never asks for permission. */
export function externalAgent(name: InstalledName, folder: string, mode: 'acp' | 'plain' = 'acp'): AgentUnderTest {
  const traits = TRAITS[name]
  return mode === 'acp'
    ? { name, folder, docker: null, ...traits }
    : { name: `${name}-plain`, folder, docker: null, ...traits, asks: false }
}
