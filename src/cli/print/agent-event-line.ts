// Trace lines for events of agents and models. All text may come from a sandbox or a provider.
import { formatBytes } from '../../domain/format-bytes.ts'
import type { ByteText } from '../../domain/byte-text.ts'
import { MICROS } from '../../domain/budget.ts'
import type { EventBody, EventKind } from '../../domain/event.ts'
import { formatText } from '../arguments/command-line.ts'
import { countOf, formatDuration } from '../text/quantities.ts'

type Lines<K extends EventKind> = { readonly [Kind in K]: (body: EventBody<Kind>) => string }

export const DESCRIBE_MODEL: Lines<'model.asked' | 'model.called'> = {
  'model.asked': (body) =>
    `${formatText(body.connection)} ${formatText(body.model || body.path, 100)} (up to ${body.reservedTokens} tokens reserved)`,
  'model.called': (body) =>
    `${formatText(body.connection)} ${formatText(body.model || body.path, 100)} ${body.status} ${outcome(body)} after ${formatDuration(body.wallMs)}${usage(body)}${tools(body.tools)}${note(body.note)}`,
}

export const DESCRIBE_AGENT: Lines<Extract<EventKind, `agent.${string}` | `ask.${string}` | `prompt.${string}`>> = {
  'prompt.given': (body) =>
    `#${body.step} ${formatBytes(body.bytes)} to ${formatText(body.agent)} with ${formatText(body.connection)} ${formatText(body.model)}, at most ${countOf(body.maxTurns, 'turn')}`,
  'agent.started': (body) =>
    `#${body.step} ${formatText(body.title)} ${formatText(body.version)} (${formatText(body.protocol)}) with ${formatText(body.connection)} ${formatText(body.model)}`,
  'agent.messaged': (body) =>
    `#${body.step} ${body.kind === 'thought' ? 'thinks: ' : ''}${formatText(body.text, 400)}${body.blob === null ? '' : ` … ${formatBytes(body.bytes)}`}`,
  'agent.planned': (body) =>
    `#${body.step} ${body.entries.map(({ content, status }) => `${formatText(status)}: ${formatText(content, 80)}`).join('; ')}${body.omitted > 0 ? ` and ${body.omitted} more` : ''}`,
  'agent.tool-called': (body) => `#${body.step} ${tool(body)}`,
  'agent.tool-updated': (body) => `#${body.step} ${formatText(body.call, 60)} ${body.status}${target(body)}`,
  'agent.asked': (body) => `#${body.step} may it? ${tool(body)} (${formatText(body.ask)})`,
  'agent.refused': (body) => `#${body.step} ${formatText(body.method, 100)} is not offered`,
  'agent.ended': (body) =>
    `#${body.step} ${body.outcome} after ${countOf(body.toolCalls, 'tool call')}${note(body.message)}`,
  'ask.opened': (body) =>
    `#${body.step} ${formatText(body.ask)} waits for a person until ${new Date(body.deadline).toISOString()}`,
  'ask.decided': (body) =>
    `#${body.step} ${formatText(body.ask)} ${body.outcome} by ${body.by}${body.reasons.length > 0 ? `: ${body.reasons.map((id) => formatText(id)).join(', ')}` : ''}${note(body.note)}`,
}

function outcome({ outcome, refusal }: EventBody<'model.called'>): string {
  return refusal === null ? outcome : `REFUSED (${refusal})`
}

function usage({ inputTokens, outputTokens, costMicros, currency }: EventBody<'model.called'>): string {
  if (inputTokens === null && outputTokens === null) return ''
  const cost = costMicros === null ? '' : `, ${(costMicros / MICROS).toFixed(4)} ${formatText(currency)}`
  return `, ${inputTokens ?? '?'} tokens in, ${outputTokens ?? '?'} out${cost}`
}

function tools(names: readonly string[]): string {
  return names.length === 0 ? '' : `; asks for ${names.map((name) => formatText(name, 60)).join(', ')}`
}

function tool(body: { tool: string; title: ByteText; command: ByteText | null; paths: readonly ByteText[] }): string {
  return `${formatText(body.tool)} ${formatText(body.title, 200)}${target(body)}`
}

function target({ command, paths }: { command: ByteText | null; paths: readonly ByteText[] }): string {
  if (command !== null) return ` $ ${formatText(command, 300)}`
  return paths.length === 0 ? '' : ` ${paths.map((path) => formatText(path, 120)).join(', ')}`
}

function note(text: string | null): string {
  return text === null ? '' : ` (${formatText(text, 400)})`
}
