// What a field of a request to a model does besides shaping the answer.
import { z } from 'zod'

/**
 * `plain`: nothing. `price`: the answer costs more than the model's price. `state`: reaches what others left at the
 * provider behind the same key, or leaves something there. `outlives`: goes on when the connection has ended. `server`:
 * instructs the provider's server, or has it ask other hosts. `unknown`: is in no table.
 */
export const FieldEffect = z.enum(['plain', 'price', 'state', 'outlives', 'server', 'unknown'])
export type FieldEffect = z.infer<typeof FieldEffect>

/** A field that the connection permits, and that is not plain: `service_tier=priority`. */
export const FieldUse = z.object({ field: z.string(), effect: FieldEffect })
export type FieldUse = z.infer<typeof FieldUse>
