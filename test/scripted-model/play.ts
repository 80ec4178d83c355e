import { createHash } from 'node:crypto'
import { chooseTool, offersFinish } from './choose-tool.ts'
import { sample } from './json-schema.ts'
import type { Script } from './script.ts'
import { usageOf } from './usage.ts'
import type { Conversation, Reply, ReplyCall } from './wire.ts'

export interface Played {
  turn: number | 'aside'
  reply: Reply
}

/**
 * The next turn, by what the request itself says of the turns before. The server keeps no state, so that retries and
 * requests at the same time get the answer that belongs to them.
 */
export function play(script: Script, conversation: Conversation, request: Buffer): Played {
  const turn = conversation.tools.every((tool) => tool.kind === 'hosted') ? 'aside' : nextTurn(script, conversation)
  const { text, calls } = turn === 'aside' ? aside(script, conversation) : perform(script, turn, conversation, request)
  const digest = createHash('sha256').update(request).digest('hex').slice(0, 24)
  const usage = usageOf(request, conversation.results, text, calls)
  return { turn, reply: { id: `${conversation.results}_${digest}`, model: conversation.model, text, calls, usage } }
}

function nextTurn(script: Script, conversation: Conversation): number {
  let left = conversation.results
  const next = script.turns.findIndex((turn) => {
    const expected = turn.calls.filter((call) => call.tool !== 'finish' || offersFinish(conversation)).length
    if (expected === 0) return !conversation.said.some((text) => text.includes(lastWords(turn)))
    const open = left <= 0
    left -= expected
    return open
  })
  return next === -1 ? script.turns.length : next
}

/** A turn that asks for nothing leaves no result; it was played when its words are in the conversation. */
function lastWords(turn: Script['turns'][number]): string {
  const finish = turn.calls.find((call) => call.tool === 'finish')
  return finish?.summary ?? turn.say ?? ''
}

/** Requests that offer no tools are not the agent's work: a title, a summary, a check of the key. */
function aside(script: Script, conversation: Conversation): { text: string; calls: ReplyCall[] } {
  const text = conversation.schema ? JSON.stringify(sample(conversation.schema, script.aside)) : script.aside
  return { text, calls: [] }
}

function perform(
  script: Script,
  turn: number,
  conversation: Conversation,
  request: Buffer,
): { text: string; calls: ReplyCall[] } {
  const played = script.turns[turn] ?? (script.afterwards === 'repeat' ? script.turns.at(-1) : undefined)
  if (!played) return { text: 'The script has ended.', calls: [] }
  const folder = workingFolder(request.toString())
  const texts = played.say === undefined ? [] : [played.say]
  const calls: ReplyCall[] = []
  for (const call of played.calls) {
    const chosen = chooseTool(call, conversation.tools, folder)
    if (chosen) calls.push({ id: `call_${conversation.results + calls.length}`, ...chosen })
    // Without a tool for it, an agent ends by saying so and asking for nothing.
    else texts.push(call.tool === 'finish' ? call.summary : `No tool is offered for: ${call.tool}`)
  }
  return { text: texts.join('\n\n'), calls }
}

/** Agents whose tools want whole paths tell the model where it works: "Working directory: /x", "<cwd>/x</cwd>". */
function workingFolder(request: string): string {
  return /(?:working directory|workspace|cwd)\W{1,6}?(\/[\w./@+-]*[\w@+-])/i.exec(request)?.[1] ?? ''
}
