// Carries out a tool call and reports its stages to the client: announced, permission asked, started, ended.
import type { ToolCallUpdate } from '@agentclientprotocol/sdk'
import { askPermission } from './ask-permission.ts'
import type { ToolRequest } from './ask-model.ts'
import { sendUpdate } from './send-update.ts'
import type { Turn } from './session.ts'
import { cut } from './tools/plain-text.ts'
import { TOOLS } from './tools/table.ts'
import type { Tool, ToolOutcome } from './tools/types.ts'

/** Returns the text for the model. Throws only if the turn is cancelled. */
export async function callTool(turn: Turn, request: ToolRequest): Promise<string> {
  const tool = TOOLS.find(({ name }) => name === request.name)
  if (tool === undefined || request.problem !== null)
    return `This call could not be carried out: ${request.problem ?? `there is no tool ${request.name}`}`

  const toolCallId = `${++turn.session.calls}-${cut(request.id, 100)}`
  const announced = {
    toolCallId,
    kind: tool.kind,
    rawInput: request.input,
    ...tool.announce(request.input as never, turn.session.cwd),
  }
  await sendUpdate(turn, { sessionUpdate: 'tool_call', status: 'pending', ...announced })
  let outcome: ToolOutcome | null = null
  try {
    outcome = await permitted(turn, tool, announced)
    if (outcome === null) {
      await sendUpdate(turn, { sessionUpdate: 'tool_call_update', toolCallId, status: 'in_progress' })
      outcome = await carryOut(turn, tool, request.input)
    }
  } finally {
    const { ok, text, content, facts } = outcome ?? { ok: false, text: 'Cancelled.' }
    await sendUpdate(turn, {
      sessionUpdate: 'tool_call_update',
      toolCallId,
      status: ok ? 'completed' : 'failed',
      content: content ?? [{ type: 'content', content: { type: 'text', text } }],
      rawOutput: { text, ...facts },
    })
  }
  return outcome.text
}

/** null if the tool may run, else the outcome of the denied call. */
async function permitted(turn: Turn, tool: Tool, announced: ToolCallUpdate): Promise<ToolOutcome | null> {
  if (!tool.asks || turn.settings.permissions === 'none') return null
  const permission = await askPermission(turn, announced)
  return permission.allowed ? null : { ok: false, text: permission.why }
}

async function carryOut(turn: Turn, tool: Tool, input: unknown): Promise<ToolOutcome> {
  try {
    return await tool.run(input as never, { cwd: turn.session.cwd, signal: turn.signal })
  } catch (error) {
    // The model can react to ENOENT, EACCES, ENOSPC and the like.
    return { ok: false, text: error instanceof Error ? error.message : String(error) }
  }
}
