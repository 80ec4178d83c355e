import { z } from 'zod'
import { defineTool } from './types.ts'

export const finishSchema = z.object({
  summary: z.string().min(1).max(10_000).describe('What was done and what was not, for a person.'),
  goal_met: z.boolean().describe('Whether what the user asked for is done.'),
})

/** Ends the turn. It does nothing in the box, so the client hears a message instead of a tool call. */
export const finish = defineTool(finishSchema, {
  name: 'finish',
  description: 'Ends the work. Call it alone, when everything else is done.',
  kind: 'other',
  asks: false,
  announce: () => ({ title: 'Finish', locations: [] }),
  run: async ({ summary }) => ({ ok: true, text: summary }),
})
