// Budgets: limits on the spending of runs on models.
import { z } from 'zod'

/** Money is counted in millionths of the currency, so that sums are exact. */
export const MICROS = 1_000_000

/** `cost` is in the currency of the connection. An omitted field means no limit. */
export const Budget = z.strictObject({
  tokens: z.int().positive().optional().describe('input and output tokens together'),
  cost: z.number().positive().max(1_000_000).optional(),
})
export type Budget = z.infer<typeof Budget>

export const Budgets = z.strictObject({
  run: Budget.optional().describe('for each run'),
  day: Budget.optional().describe('for all runs of a day, in UTC'),
  total: Budget.optional().describe('for all recorded runs of this data folder'),
  tasks: z.record(z.string(), Budget).default({}).describe('by task name: for each run of the task'),
})
export type Budgets = z.infer<typeof Budgets>
