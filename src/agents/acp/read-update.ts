// Reads a session/update as a statement of the agent. Updates are attacker-controlled; unneeded fields are ignored.
import { z } from 'zod'
import { AgentFault } from '../agent-fault.ts'
import type { CallNews, Statement } from '../types.ts'

const TOOLS = ['read', 'edit', 'delete', 'move', 'search', 'execute', 'think', 'fetch'] as const

const text = z.string().nullish().catch(undefined)
const list = z.array(z.unknown()).nullish().catch(undefined)

/** An unknown kind becomes `other`, as in the protocol; a missing kind leaves the known one unchanged. */
const tool = z
  .string()
  .transform((kind) => TOOLS.find((known) => known === kind) ?? 'other')
  .nullish()
  .catch(undefined)

const ToolCall = z.object({
  toolCallId: z.string().min(1),
  title: text,
  kind: tool,
  status: z.enum(['pending', 'in_progress', 'completed', 'failed']).nullish().catch(undefined),
  locations: list,
  content: list,
  rawInput: z.unknown().optional(),
  rawOutput: z.unknown().optional(),
})

const Update = z.object({ sessionUpdate: z.string() })
const Chunk = z.object({ content: z.record(z.string(), z.unknown()), messageId: text })
const Plan = z.object({ entries: z.array(z.object({ content: z.string(), status: text, priority: text })) })

/** null if the update needs no record, such as a list of commands or an unknown kind. */
export function readUpdate(agent: string, params: unknown): Exclude<Statement, { said: 'started' | 'ended' }> | null {
  const update = (params as { update?: unknown } | null | undefined)?.update
  const { sessionUpdate } = parse(agent, Update, update)
  switch (sessionUpdate) {
    case 'agent_message_chunk':
    case 'agent_thought_chunk': {
      const { content, messageId } = parse(agent, Chunk, update)
      const kind = sessionUpdate === 'agent_message_chunk' ? 'message' : 'thought'
      return { said: 'text', kind, text: textOf(content), message: messageId ?? null }
    }
    case 'plan': {
      const { entries } = parse(agent, Plan, update)
      return {
        said: 'plan',
        entries: entries.map(({ content, status, priority }) => ({
          content,
          status: status ?? 'pending',
          priority: priority ?? 'medium',
        })),
      }
    }
    case 'tool_call':
    case 'tool_call_update':
      return { said: 'call', call: readCall(agent, update) }
    default:
      return null
  }
}

export function readCall(agent: string, value: unknown): CallNews {
  const call = parse(agent, ToolCall, value)
  const { content, rawOutput } = call
  const diffs = call.status === 'completed' || call.status === 'failed' ? [] : diffsIn(content)
  return {
    id: call.toolCallId,
    title: call.title ?? undefined,
    tool: call.kind ?? undefined,
    status: call.status ?? undefined,
    paths: [...namedIn(call.locations), ...namedIn(content)],
    // Some agents announce a write only by its diff.
    input: call.rawInput ?? (diffs.length > 0 ? { content: diffs } : undefined),
    output: hasContent(content) || (rawOutput ?? null) !== null ? { content, rawOutput } : undefined,
  }
}

function parse<T>(agent: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new AgentFault(
    `${agent} broke the Agent Client Protocol: in its update, ${issue?.path.join('.') || 'the update'} is wrong (${issue?.message}). Use a version of it that speaks protocol version 1.`,
  )
}

/** The paths of locations and diffs. */
function namedIn(values: readonly unknown[] | null | undefined): string[] {
  return (values ?? [])
    .map((value) => (value as { path?: unknown } | null)?.path)
    .filter((path) => typeof path === 'string' && path !== '') as string[]
}

function diffsIn(content: readonly unknown[] | null | undefined): unknown[] {
  return (content ?? []).filter((part) => (part as { type?: unknown } | null)?.type === 'diff')
}

function hasContent(content: readonly unknown[] | null | undefined): boolean {
  return content !== null && content !== undefined && content.length > 0
}

/** The text; for other content its type and URI. */
function textOf(content: Record<string, unknown>): string {
  if (typeof content['text'] === 'string') return content['text']
  const uri = typeof content['uri'] === 'string' ? ` ${content['uri']}` : ''
  return `[${String(content['type'])}${uri}]`
}
