import { z } from 'zod'
import { defineTool } from './types.ts'

export const finishSchema = z.object({
  summary: z.string().min(1).max(10_000).describe('What was done and what was not, for a person.'),
  goal_met: z.boolean().describe("Whether the user's task is done."),
})

/** Ends the turn. It has no effect in the sandbox, so the client gets a message instead of a tool call. */
export const finish = defineTool(finishSchema, {
  name: 'finish',
  description: 'Ends the work. Call it alone, when everything else is done.',
  kind: 'other',
  asks: false,
  announce: () => ({ title: 'Finish', locations: [] }),
  run: async ({ summary }) => ({ ok: true, text: summary }),
})
