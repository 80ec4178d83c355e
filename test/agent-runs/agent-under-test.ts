// An agent under test: the suites of this folder run the same tests on each. External agents are installed in a folder
// of the host.
import type { ProviderKind } from '../../src/domain/connections/model-connection.ts'

export interface AgentUnderTest {
  /** The agent's name in a task. */
  name: string
  /** The container engine; null for bubblewrap. */
  docker: { image: string; socket: string } | null
  provider: ProviderKind
  /** Folder of the installed agent; null if nothing needs to be installed. */
  folder: string | null
  /** Name of the model. The scripted model accepts any, but some agents behave differently by name. */
  model: string
  /** Token budget that suffices for its first calls, but not for many. */
  budget: number
  /** Whether it asks for permission when Glovebox starts it. */
  asks: boolean
  /** Whether it stops by itself after the allowed number of model calls. */
  countsTurns: boolean
  /** Whether it retries without an answer of the model, until it gets a final error. */
  patient: boolean
  /** Unannounced accesses of its own process in the workspace, such as `read /path`. */
  own: readonly RegExp[]
  /** URLs that it requests besides its model, and that are refused. */
  reachesFor: readonly RegExp[]
}

/** The title of its tests, by which the table of test:agents finds them. */
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
