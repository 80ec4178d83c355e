// Runs one prompt: calls the model and its tools until the model is done, the prompt is cancelled or the turns are used
// up.
import type { PromptResponse } from '@agentclientprotocol/sdk'
import type { ModelMessage, ToolResultPart } from 'ai'
import { askModel } from './ask-model.ts'
import type { Answer, ToolRequest } from './ask-model.ts'
import { callTool } from './call-tool.ts'
import { instructions } from './instructions.ts'
import { sendText } from './send-update.ts'
import type { Turn } from './session.ts'
import { finish, finishSchema } from './tools/finish.ts'
import { trimHistory } from './trim-history.ts'

/** Throws a ModelFailure if the model does not answer. */
export async function runTurn(turn: Turn, prompt: string): Promise<PromptResponse> {
  const { history } = turn.session
  const before = history.length
  history.push({ role: 'user', content: prompt })
  try {
    for (let asked = 0; asked < turn.settings.maxTurns; asked++) {
      const answer = await ask(turn)
      history.push(...answer.messages)
      if (answer.ended === 'refusal') {
        // By the protocol, a refused prompt is removed from the history.
        history.length = before
        return { stopReason: 'refusal' }
      }
      const response = await act(turn, answer)
      if (response !== null) return response
    }
    return { stopReason: 'max_turn_requests' }
  } catch (error) {
    if (turn.signal.aborted) return { stopReason: 'cancelled' }
    throw error
  }
}

async function ask(turn: Turn): Promise<Answer> {
  const { history, cwd } = turn.session
  const prompt = { instructions: instructions(cwd), messages: trimHistory(history) }
  const listener = {
    text: (delta: string) => sendText(turn, 'agent_message_chunk', delta),
    thought: (delta: string) => sendText(turn, 'agent_thought_chunk', delta),
  }
  return askModel(turn.settings, prompt, listener, turn.signal)
}

/** Carries out the requests of an answer one by one; null if the model must be called again. */
async function act(turn: Turn, { requests, ended }: Answer): Promise<PromptResponse | null> {
  const results = new Map<string, string>()
  try {
    if (ended === 'length') return { stopReason: 'max_tokens' }
    if (requests.length === 0) return { stopReason: 'end_turn' }
    for (const request of requests.filter((request) => !isFinish(request))) {
      turn.signal.throwIfAborted()
      results.set(request.id, await callTool(turn, request))
    }
    const last = requests.find(isFinish)
    if (last === undefined) return null
    results.set(last.id, 'Finished.')
    return await finished(turn, last)
  } finally {
    // Providers refuse a history in which a tool request has no result.
    const message = toolMessage(requests, results)
    if (message !== null) turn.session.history.push(message)
  }
}

function isFinish({ name, problem }: ToolRequest): boolean {
  return name === finish.name && problem === null
}

async function finished(turn: Turn, { input }: ToolRequest): Promise<PromptResponse> {
  const { summary, goal_met: goalMet } = finishSchema.parse(input)
  await sendText(turn, 'agent_message_chunk', `\n${goalMet ? 'The goal is met' : 'The goal is not met'}. ${summary}\n`)
  return { stopReason: 'end_turn', _meta: { glovebox: { goalMet, summary } } }
}

function toolMessage(requests: readonly ToolRequest[], results: ReadonlyMap<string, string>): ModelMessage | null {
  if (requests.length === 0) return null
  const content = requests.map(({ id, name }): ToolResultPart => ({
    type: 'tool-result',
    toolCallId: id,
    toolName: name,
    output: { type: 'text', value: results.get(id) ?? 'Not carried out.' },
  }))
  return { role: 'tool', content }
}
