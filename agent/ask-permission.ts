import { methods, RequestError } from '@agentclientprotocol/sdk'
import type { RequestPermissionRequest, ToolCallUpdate } from '@agentclientprotocol/sdk'
import type { Turn } from './session.ts'

export type Permission = { allowed: true } | { allowed: false; why: string }

/** Answers for one call only, never for later calls: the client's policy decides each time. */
const OPTIONS = [
  { optionId: 'allow', name: 'Allow', kind: 'allow_once' },
  { optionId: 'reject', name: 'Reject', kind: 'reject_once' },
] as const

/** Asks the client. An unknown answer counts as a denial. Throws if the turn is cancelled meanwhile. */
export async function askPermission(turn: Turn, toolCall: ToolCallUpdate): Promise<Permission> {
  const params: RequestPermissionRequest = { sessionId: turn.session.id, toolCall, options: [...OPTIONS] }
  try {
    const { outcome } = await turn.client.request(methods.client.session.requestPermission, params, {
      cancellationSignal: turn.signal,
      stopWaitingOnCancel: true,
    })
    turn.signal.throwIfAborted()
    if (outcome.outcome === 'selected' && outcome.optionId === 'allow') return { allowed: true }
    return { allowed: false, why: 'Not allowed. Do not try to do the same in another way.' }
  } catch (error) {
    turn.signal.throwIfAborted()
    const why = error instanceof RequestError ? error.message : 'the client could not be asked'
    return { allowed: false, why: `Not allowed: ${why}.` }
  }
}
