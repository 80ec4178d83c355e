import type { AgentContext } from '@agentclientprotocol/sdk'
import type { ModelMessage } from 'ai'
import type { Settings } from './settings.ts'

export interface Session {
  id: string
  /** Absolute. */
  cwd: string
  history: ModelMessage[]
  /** Of the prompt that is being worked on. */
  running: AbortController | null
  /** Tool calls announced so far: providers may give the same id twice, the protocol may not. */
  calls: number
}

/** What a turn works with. */
export interface Turn {
  session: Session
  client: AgentContext
  settings: Settings
  signal: AbortSignal
}
