import { readFile } from 'node:fs/promises'
import { z } from 'zod'

// What the model does, in words that belong to no agent: tool-names.ts says what each agent calls it.
// Edits name whole lines, as the patch format of some agents knows nothing smaller.
const neutralCall = z.discriminatedUnion('tool', [
  z.strictObject({ tool: z.literal('read'), path: z.string() }),
  z.strictObject({ tool: z.literal('edit'), path: z.string(), old: z.string(), new: z.string() }),
  z.strictObject({ tool: z.literal('write'), path: z.string(), content: z.string() }),
  z.strictObject({ tool: z.literal('run'), command: z.string() }),
  z.strictObject({ tool: z.literal('search'), pattern: z.string() }),
  z.strictObject({ tool: z.literal('finish'), summary: z.string() }),
  // Asked for as it stands, offered or not: what a hostile or confused model would do.
  z.strictObject({ tool: z.literal('exactly'), name: z.string(), arguments: z.record(z.string(), z.unknown()) }),
])

const scriptSchema = z.strictObject({
  name: z.string(),
  turns: z.array(z.strictObject({ say: z.string().optional(), calls: z.array(neutralCall).default([]) })).min(1),
  /** Answers requests that offer no tools: titles, summaries. */
  aside: z.string().default('A scripted answer'),
  /** After the last turn: stop, or play it again for ever, as a model that never finds an end. */
  afterwards: z.enum(['stop', 'repeat']).default('stop'),
})

export type NeutralCall = z.infer<typeof neutralCall>
export type Script = z.infer<typeof scriptSchema>
export type ScriptSource = z.input<typeof scriptSchema>

export function parseScript(source: unknown): Script {
  return scriptSchema.parse(source)
}

export async function readScript(file: string): Promise<Script> {
  return parseScript(JSON.parse(await readFile(file, 'utf8')))
}
