// The agents that the suites of this folder ask the same questions. An external one is installed in a folder of the host.
import type { ProviderKind } from '../../src/domain/connection.ts'

export interface AgentUnderTest {
  /** As a task names it. */
  name: string
  provider: ProviderKind
  /** null: nothing needs to be installed. */
  folder: string | null
  /** Any name will do for the scripted model; some agents behave by it. */
  model: string
  /** Hosts that it asks for besides its model, whatever it is told. */
  asksAnyway?: RegExp
  /** What it does when a person says no: it goes on and ends its turn, or its turn ends there. */
  deniedEnds?: 'goes-on' | 'ends'
}

export const BUILT_IN: AgentUnderTest = {
  name: 'built-in',
  provider: 'anthropic',
  folder: null,
  model: 'scripted-large',
}
