import type { JsonSchema } from './json-schema.ts'

// What the four wire APIs have in common, as far as a scripted model needs it.

export type WireKind = 'anthropic' | 'openai-chat' | 'openai-responses' | 'gemini'

export interface OfferedTool {
  name: string
  /** freeform: takes text instead of JSON (apply_patch); hosted: run by the provider itself (web search). */
  kind: 'function' | 'freeform' | 'hosted'
  parameters: JsonSchema
}

export interface Conversation {
  model: string
  streaming: boolean
  tools: OfferedTool[]
  /** Tool results in the conversation so far: where in the script it stands. */
  results: number
  /** What the assistant has said so far. */
  said: string[]
  /** The form in which the answer is asked for, where it is. */
  schema: JsonSchema | undefined
  /** Chat Completions tell usage in a stream only when asked. */
  wantsStreamUsage: boolean
}

export interface Usage {
  /** All tokens of the prompt, cached ones included. */
  input: number
  cached: number
  output: number
}

export interface ReplyCall {
  id: string
  name: string
  /** Text for a freeform tool. */
  arguments: Record<string, unknown> | string
}

export interface Reply {
  id: string
  model: string
  text: string
  calls: ReplyCall[]
  usage: Usage
}

/** A piece of a stream is one write to the socket. */
export interface Wire {
  kind: WireKind
  read(body: unknown, url: URL): Conversation
  answer(reply: Reply): unknown
  stream(reply: Reply, conversation: Conversation, url: URL): string[]
  streamType(url: URL): string
  count(tokens: number): unknown
  problem(status: number, message: string): unknown
  /** Status and body for a key that is not the right one. */
  refusal(presented: string | undefined): { status: number; body: unknown }
}
