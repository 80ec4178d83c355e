// A permission request of an agent that is, or was, put to a person.
import { z } from 'zod'
import { Actor } from './actor.ts'
import { ID_PATTERN } from './ids.ts'

/** expired: nobody answered in time, which counts as a denial. */
export const AskStatus = z.enum(['open', 'allowed', 'denied', 'expired'])
export type AskStatus = z.infer<typeof AskStatus>

export const AskOption = z.object({ id: z.string(), name: z.string(), kind: z.string() })

/** The action that the agent wants to take, in the agent's own untrusted words. The record shows what it then does. */
export const Ask = z.object({
  id: z.string().regex(ID_PATTERN),
  run: z.string().regex(ID_PATTERN),
  step: z.int().nonnegative(),
  agent: z.string(),
  call: z.string().describe("the agent's id of the tool call"),
  title: z.string(),
  tool: z.string().describe('read, edit, delete, move, search, execute, think, fetch or other'),
  command: z.string().nullable(),
  paths: z.array(z.string()),
  options: z.array(AskOption).describe('the answers that the agent offered; empty if unknown'),
  status: AskStatus,
  openedAt: z.int().describe('milliseconds since the epoch'),
  deadline: z.int().describe('milliseconds since the epoch; from then on the request is denied'),
  decidedAt: z.int().nullable(),
  decidedBy: Actor.nullable(),
  note: z.string().nullable().describe("the person's reason, or why nobody could answer"),
})
export type Ask = z.infer<typeof Ask>

/** Whether a person can still answer. The deadline itself counts as late. */
export function canAnswer({ status, deadline }: Pick<Ask, 'status' | 'deadline'>, now: number): boolean {
  return status === 'open' && now < deadline
}
