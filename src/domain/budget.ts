// What runs may spend on models.
import { z } from 'zod'

/** Money is counted in millionths of the currency, so that sums are exact. */
export const MICROS = 1_000_000

/** `cost` is money in the currency of the connection. What is left out has no bound of its own. */
export const Budget = z.strictObject({
  tokens: z.int().positive().optional().describe('tokens in and out together'),
  cost: z.number().positive().max(1_000_000).optional(),
})
export type Budget = z.infer<typeof Budget>

export const Budgets = z.strictObject({
  run: Budget.optional().describe('for each run'),
  day: Budget.optional().describe('for all runs of a day, in UTC'),
  total: Budget.optional().describe('for all runs that this data folder has a record of'),
  tasks: z.record(z.string(), Budget).default({}).describe('by name of the task: for each of its runs'),
})
export type Budgets = z.infer<typeof Budgets>
