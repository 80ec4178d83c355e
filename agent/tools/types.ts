import type { ToolCallContent, ToolCallLocation, ToolKind } from '@agentclientprotocol/sdk'
import type { z } from 'zod'

export interface ToolContext {
  /** Absolute; relative paths start here. */
  cwd: string
  signal: AbortSignal
}

export interface ToolOutcome {
  ok: boolean
  /** For the model and the client; bounded. */
  text: string
  /** Instead of the text, for the client. */
  content?: ToolCallContent[]
  facts?: Readonly<Record<string, unknown>>
}

/** What the client hears before anything happens. */
export interface Announcement {
  title: string
  locations: ToolCallLocation[]
}

interface ToolShape<Input> {
  name: string
  description: string
  kind: ToolKind
  /** Changes something: the client is asked first. */
  asks: boolean
  announce(input: Input, cwd: string): Announcement
  /** Expected failures are outcomes with `ok: false`. */
  run(input: Input, context: ToolContext): Promise<ToolOutcome>
}

/** `input` has been parsed with `schema` by whoever calls. */
export type Tool = ToolShape<never> & { schema: z.ZodType }

export function defineTool<Schema extends z.ZodType>(
  schema: Schema,
  shape: ToolShape<z.output<Schema>>,
): ToolShape<z.output<Schema>> & { schema: Schema } {
  return { ...shape, schema }
}
