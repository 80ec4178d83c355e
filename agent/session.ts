import type { AgentContext } from '@agentclientprotocol/sdk'
import type { ModelMessage } from 'ai'
import type { Settings } from './settings.ts'

export interface Session {
  id: string
  /** Absolute path of the working directory. */
  cwd: string
  history: ModelMessage[]
  /** Controller of the running prompt; null if none is running. */
  running: AbortController | null
  /** Number of tool calls so far, for unique ids: providers may repeat an id, the protocol must not. */
  calls: number
}

/** The context of one turn. */
export interface Turn {
  session: Session
  client: AgentContext
  settings: Settings
  signal: AbortSignal
}
