import { isAbsolute, join } from 'node:path'
import type { JsonSchema } from './json-schema.ts'
import { sample, typeOf } from './json-schema.ts'
import { addPatch, updatePatch } from './patch-text.ts'
import type { NeutralCall } from './script.ts'
import { shellCommand } from './shell-command.ts'
import type { ArgumentMeaning, Verb } from './tool-names.ts'
import { ARGUMENT_NAMES, TOOL_NAMES } from './tool-names.ts'
import type { Conversation, OfferedTool, ReplyCall } from './wire.ts'

type ChosenCall = Omit<ReplyCall, 'id'>
type VerbCall = Exclude<NeutralCall, { tool: 'exactly' }>

/** The call in the words of the agent that asked, or undefined when it offers nothing that could do it. */
export function chooseTool(call: NeutralCall, offered: OfferedTool[], folder: string): ChosenCall | undefined {
  if (call.tool === 'exactly') return { name: call.name, arguments: call.arguments }
  const tool = findTool(call.tool, offered)
  if (tool) return { name: tool.name, arguments: argumentsFor(call, tool, folder) }
  const command = shellCommand(call)
  return command === undefined || call.tool === 'run'
    ? undefined
    : chooseTool({ tool: 'run', command }, offered, folder)
}

export function offersFinish(conversation: Conversation): boolean {
  return findTool('finish', conversation.tools) !== undefined
}

function findTool(verb: Verb, offered: OfferedTool[]): OfferedTool | undefined {
  const usable = offered.filter((tool) => tool.kind !== 'hosted')
  for (const name of TOOL_NAMES[verb]) {
    // An MCP server's tools come with its name in front.
    const tool = usable.find((each) => each.name === name || each.name.endsWith(`__${name}`))
    if (tool) return tool
  }
  return undefined
}

function argumentsFor(call: VerbCall, tool: OfferedTool, folder: string): Record<string, unknown> | string {
  if (tool.name === 'apply_patch') {
    const text = patchFor(call)
    return tool.kind === 'freeform' ? text : { input: text }
  }
  const properties = tool.parameters.properties ?? {}
  const given: Record<string, unknown> = {}
  for (const [meaning, value] of Object.entries(call)) {
    if (meaning === 'tool') continue
    const name = ARGUMENT_NAMES[meaning as ArgumentMeaning].find((each) => each in properties) ?? meaning
    given[name] =
      meaning === 'path' ? join(isAbsolute(value) ? '/' : folder, value) : fit(value, properties[name] ?? {})
  }
  return { ...required(tool.parameters, given, call.tool), ...given }
}

/** A command may have to be an argv. */
function fit(value: string, schema: JsonSchema): unknown {
  return typeOf(schema) === 'array' ? ['bash', '-c', value] : value
}

function required(schema: JsonSchema, given: Record<string, unknown>, verb: Verb): Record<string, unknown> {
  const missing = (schema.required ?? []).filter((name) => !(name in given))
  return Object.fromEntries(missing.map((name) => [name, sampleFor(name, schema.properties?.[name] ?? {}, verb)]))
}

/** An editor with several commands is told which (OpenHands' file_editor); what is finished has met its goal. */
function sampleFor(name: string, schema: JsonSchema, verb: Verb): unknown {
  const commands: Partial<Record<Verb, string>> = { read: 'view', edit: 'str_replace', write: 'create' }
  const command = commands[verb]
  if (verb === 'finish' && typeOf(schema) === 'boolean') return true
  return name === 'command' && command && schema.enum?.includes(command)
    ? command
    : sample(schema, `The script says: ${verb}`)
}

function patchFor(call: VerbCall): string {
  if (call.tool === 'edit') return updatePatch(call.path, call.old, call.new)
  if (call.tool === 'write') return addPatch(call.path, call.content)
  throw new Error(`apply_patch cannot ${call.tool}`)
}
