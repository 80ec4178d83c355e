// Sends one request to the model and streams its answer to a listener.
import { streamText, tool } from 'ai'
import type { ModelMessage, ToolSet } from 'ai'
import { connectModel } from './connect-model.ts'
import { fetchUntilAnswered } from './fetch-until-answered.ts'
import { cutOff, modelFailure, tooSlow } from './model-failure.ts'
import type { Settings } from './settings.ts'
import { TOOLS } from './tools/table.ts'

export interface ToolRequest {
  id: string
  name: string
  input: unknown
  /** Why the request can't be carried out (unknown tool, invalid input); null if it can. */
  problem: string | null
}

export interface Answer {
  /** Messages to append to the history; the results of all requests must follow them. */
  messages: ModelMessage[]
  requests: ToolRequest[]
  ended: 'itself' | 'length' | 'refusal'
}

export interface Listener {
  text(delta: string): Promise<void>
  thought(delta: string): Promise<void>
}

/**
 * Retries of the SDK after a failed connection, 408, 409, 429 and 5xx. One is enough: the gateway knows the provider
 * better, and an exhausted budget stays exhausted.
 */
const RETRIES = 1

/** The tools, without `execute`: this program, not the SDK, decides which calls run. */
const OFFERED: ToolSet = Object.fromEntries(
  TOOLS.map(({ name, description, schema }) => [name, tool({ description, inputSchema: schema })]),
)

export async function askModel(
  settings: Settings,
  prompt: { instructions: string; messages: ModelMessage[] },
  listener: Listener,
  signal: AbortSignal,
): Promise<Answer> {
  // The SDK's own timeouts are not used: they start only once an answer has begun.
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(), settings.silenceSeconds * 1000)
  const result = streamText({
    ...connectModel(settings, fetchUntilAnswered()),
    instructions: prompt.instructions,
    messages: prompt.messages,
    tools: OFFERED,
    maxRetries: RETRIES,
    abortSignal: AbortSignal.any([signal, silence.signal]),
    telemetry: { isEnabled: false },
    // The stream reports errors; the SDK's default handler would also print them with their stack.
    onError: () => undefined,
  })
  const requests: ToolRequest[] = []
  let ended: Answer['ended'] | null = null
  try {
    for await (const part of result.stream) {
      timer.refresh()
      if (part.type === 'text-delta') await listener.text(part.text)
      else if (part.type === 'reasoning-delta') await listener.thought(part.text)
      else if (part.type === 'tool-call') requests.push(requestOf(part))
      else if (part.type === 'finish-step') ended = endOf(part)
      else if (part.type === 'error') throw part.error
      else if (part.type === 'abort') throw silence.signal.reason
    }
    if (ended === null) throw cutOff('it ended without saying why')
    const { messages } = await result.response
    return { messages: messages.filter(({ role }) => role === 'assistant'), requests, ended }
  } catch (error) {
    signal.throwIfAborted()
    throw silence.signal.aborted ? tooSlow(settings.silenceSeconds) : modelFailure(error)
  } finally {
    clearTimeout(timer)
  }
}

interface ToolCallPart {
  toolCallId: string
  toolName: string
  input: unknown
  invalid?: boolean | undefined
  error?: unknown
}

function requestOf({ toolCallId: id, toolName: name, input, invalid, error }: ToolCallPart): ToolRequest {
  const problem = invalid === true ? (error instanceof Error ? error.message : String(error)) : null
  return { id, name, input, problem }
}

function endOf(part: { finishReason: string; rawFinishReason: string | undefined }): Answer['ended'] {
  switch (part.finishReason) {
    case 'stop':
    case 'tool-calls':
      return 'itself'
    case 'length':
      return 'length'
    case 'content-filter':
      return 'refusal'
    default:
      // A stream that was cut off cleanly looks like this. Its tool calls must not run.
      if (part.rawFinishReason === undefined) throw cutOff('it ended without saying why')
      return 'itself'
  }
}
