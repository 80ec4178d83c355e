import { methods } from '@agentclientprotocol/sdk'
import type { SessionUpdate } from '@agentclientprotocol/sdk'
import type { Turn } from './session.ts'

export function sendUpdate({ client, session }: Turn, update: SessionUpdate): Promise<void> {
  return client.notify(methods.client.session.update, { sessionId: session.id, update })
}

export function sendText(turn: Turn, sessionUpdate: 'agent_message_chunk' | 'agent_thought_chunk', text: string) {
  return sendUpdate(turn, { sessionUpdate, content: { type: 'text', text } })
}
