// The shapes that several event bodies share.
import { z } from 'zod'

export const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
export type Digest = z.infer<typeof Digest>

export const ObjectId = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/)

export const Count = z.int().nonnegative()

/** The outcome of one policy question, as every event that rests on it carries it. */
export const DecisionSummary = z.object({
  allowed: z.boolean(),
  reasons: z.array(z.string()).describe('ids of the policies that decided; empty means that no policy permits it'),
})
export type DecisionSummary = z.infer<typeof DecisionSummary>

export const Mode = z.enum(['read-only', 'write'])
export type Mode = z.infer<typeof Mode>

export const RunStatus = z.enum([
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'interrupted',
  'refused',
  'invalid',
  'error',
])
export type RunStatus = z.infer<typeof RunStatus>

/** What made somebody ask for a run. */
export const RunTrigger = z.enum(['manual', 'schedule', 'webhook', 'ci', 'api'])
export type RunTrigger = z.infer<typeof RunTrigger>
