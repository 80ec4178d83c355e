// Answers to an agent's permission requests. An answer permits at most the one action that the agent asked for.
import type { RequestPermissionResponse } from '@agentclientprotocol/sdk'
import { z } from 'zod'
import type { Account, AskOption } from '../account/keep-account.ts'
import { AgentFault } from '../agent-fault.ts'
import type { AgentHost, PermissionRequest } from '../types.ts'
import { readCall } from './read-update.ts'

const Options = z
  .array(z.object({ optionId: z.string(), name: z.string().catch(''), kind: z.string().catch('') }))
  .min(1)

export interface Asked {
  request: PermissionRequest
  options: readonly AskOption[]
}

/** Reads and records a permission request. `params` is attacker-controlled. */
export async function readQuestion(agent: string, account: Account, params: unknown): Promise<Asked> {
  const { toolCall, options } = (params ?? {}) as { toolCall?: unknown; options?: unknown }
  const call = readCall(agent, toolCall)
  const parsed = Options.safeParse(options)
  if (!parsed.success)
    throw new AgentFault(
      `${agent} broke the Agent Client Protocol: its permission request offers no answers. Use a version of it that speaks protocol version 1.`,
    )
  const offered = parsed.data.map(({ optionId, name, kind }) => ({ id: optionId, name, kind }))
  return { request: await account.asked(call, offered), options: offered }
}

/** Lets the host decide. Rejects only if the turn is cancelled or the platform fails. */
export async function decide({ request, options }: Asked, host: AgentHost): Promise<RequestPermissionResponse> {
  const allowed = await host.permit(request)
  // Never `allow_always`: it would permit later actions that nobody decided on.
  const kind = allowed && request.complete ? 'allow_once' : 'reject_once'
  const option = options.find((option) => option.kind === kind) ?? options.find(({ kind }) => kind === 'reject_once')
  return option === undefined ? CANCELLED : { outcome: { outcome: 'selected', optionId: option.id } }
}

export const CANCELLED: RequestPermissionResponse = { outcome: { outcome: 'cancelled' } }
