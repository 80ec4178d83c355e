// The agents that the suites of this folder ask the same questions. An external one is installed in a folder of the host.
import type { ProviderKind } from '../../src/domain/connections/model-connection.ts'

export interface AgentUnderTest {
  /** As a task names it. */
  name: string
  /** null: bubblewrap. */
  docker: { image: string; socket: string } | null
  provider: ProviderKind
  /** null: nothing needs to be installed. */
  folder: string | null
  /** Any name will do for the scripted model; some agents behave by it. */
  model: string
  /** Tokens that are enough for its first calls, and not for many. */
  budget: number
  /** Whether it asks before it acts, where Glovebox starts it. */
  asks: boolean
  /** Whether it ends its turn by itself when it has asked its model as often as it may. */
  countsTurns: boolean
  /** It goes on asking when nobody answers, until it is told that this is final. */
  patient: boolean
  /** What its own process does in the workspace without announcing it, such as `read /path`. */
  own: readonly RegExp[]
  /** What it asks for besides its model, and is refused. */
  reachesFor: readonly RegExp[]
}

/** How its tests are called, and how the table of test:agents finds them. */
export function titleOf({ name, docker }: Pick<AgentUnderTest, 'name' | 'docker'>): string {
  return docker === null ? name : `${name}-in-docker`
}

export const BUILT_IN: AgentUnderTest = {
  name: 'built-in',
  docker: null,
  provider: 'anthropic',
  folder: null,
  model: 'scripted-large',
  budget: 50_000,
  asks: true,
  countsTurns: true,
  patient: false,
  own: [],
  reachesFor: [],
}
