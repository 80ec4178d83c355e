// Reads the fields that we need from an agent's responses. Responses are attacker-controlled.
import { z } from 'zod'
import { fitName } from '../account/fit-text.ts'
import { AgentFault } from '../agent-fault.ts'
import type { AgentOutcome } from '../types.ts'

export interface Initialized {
  version: number | string
  agentTitle: string | null
  agentVersion: string | null
  signIns: string[]
}

const Info = z.object({ name: z.string(), title: z.string().nullish(), version: z.string().nullish() })
const Named = z.object({ id: z.string() })

const InitializeAnswer = z.object({
  protocolVersion: z.union([z.number(), z.string()]),
  agentInfo: Info.nullish().catch(null),
  authMethods: z.array(Named).nullish().catch(null),
})

const SessionAnswer = z.object({
  sessionId: z.string().min(1).max(1000),
  modes: z
    .object({ currentModeId: z.string(), availableModes: z.array(Named) })
    .nullish()
    .catch(null),
})

const StopAnswer = z.object({
  stopReason: z.enum(['end_turn', 'max_tokens', 'max_turn_requests', 'refusal', 'cancelled']),
})

export function readInitialized(agent: string, answer: unknown): Initialized {
  const { protocolVersion, agentInfo, authMethods } = parse(agent, InitializeAnswer, answer)
  return {
    version: typeof protocolVersion === 'number' ? protocolVersion : fitName(protocolVersion, 40),
    agentTitle: agentInfo?.title ?? agentInfo?.name ?? null,
    agentVersion: agentInfo?.version ?? null,
    signIns: idsOf(authMethods),
  }
}

export function readSession(agent: string, answer: unknown): { id: string; mode: string | null; modes: string[] } {
  const { sessionId, modes } = parse(agent, SessionAnswer, answer)
  return { id: sessionId, mode: modes?.currentModeId ?? null, modes: idsOf(modes?.availableModes) }
}

export function readStop(agent: string, answer: unknown): AgentOutcome {
  return { outcome: parse(agent, StopAnswer, answer).stopReason, message: null }
}

function idsOf(named: readonly { id: string }[] | null | undefined): string[] {
  return (named ?? []).slice(0, 20).map(({ id }) => fitName(id, 100))
}

function parse<T>(agent: string, schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new AgentFault(
    `${agent} broke the Agent Client Protocol: in its response, ${issue?.path.join('.') || 'the result'} is wrong (${issue?.message}). Use a version of it that speaks protocol version 1.`,
  )
}
