import type { ToolCallContent, ToolCallLocation, ToolKind } from '@agentclientprotocol/sdk'
import type { z } from 'zod'

export interface ToolContext {
  /** Absolute path of the working directory; relative paths start here. */
  cwd: string
  signal: AbortSignal
}

export interface ToolOutcome {
  ok: boolean
  /** Bounded text for the model and the client. */
  text: string
  /** Content for the client, instead of the text. */
  content?: ToolCallContent[]
  facts?: Readonly<Record<string, unknown>>
}

/** Sent to the client before the tool does anything. */
export interface Announcement {
  title: string
  locations: ToolCallLocation[]
}

interface ToolShape<Input> {
  name: string
  description: string
  kind: ToolKind
  /** Whether the tool changes something, so that the client must be asked first. */
  asks: boolean
  announce(input: Input, cwd: string): Announcement
  /** Expected failures are outcomes with `ok: false`. */
  run(input: Input, context: ToolContext): Promise<ToolOutcome>
}

/** The caller must have parsed `input` with `schema`. */
export type Tool = ToolShape<never> & { schema: z.ZodType }

export function defineTool<Schema extends z.ZodType>(
  schema: Schema,
  shape: ToolShape<z.output<Schema>>,
): ToolShape<z.output<Schema>> & { schema: Schema } {
  return { ...shape, schema }
}
