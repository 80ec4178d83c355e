// Schemas that several event bodies share.
import { z } from 'zod'

export const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
export type Digest = z.infer<typeof Digest>

export const ObjectId = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/)

export const Count = z.int().nonnegative()

/** Schema of the type in ../byte-text.ts, which stands apart so that whoever only prints text loads no schemas. */
export const ByteText = z.union([z.string(), z.object({ base64: z.base64() }).strict()])

/** The outcome of one policy question, part of every event that depends on it. */
export const DecisionSummary = z.object({
  allowed: z.boolean(),
  reasons: z.array(z.string()).describe('ids of the policies that decided; empty if no policy permits the request'),
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

/** The occasion on which a run was requested. */
export const RunTrigger = z.enum(['manual', 'schedule', 'webhook', 'ci', 'api'])
export type RunTrigger = z.infer<typeof RunTrigger>
