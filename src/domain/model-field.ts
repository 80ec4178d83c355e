// The effects of a field in a model request, besides shaping the answer.
import { z } from 'zod'

/**
 * `plain`: none. `price`: the answer costs more than the model's price. `state`: reaches data that others stored at the
 * provider with the same key, or stores data there. `outlives`: the request continues after the connection has ended.
 * `server`: instructs the provider's server, or makes it contact other hosts. `unknown`: the field is in no table.
 */
export const FieldEffect = z.enum(['plain', 'price', 'state', 'outlives', 'server', 'unknown'])
export type FieldEffect = z.infer<typeof FieldEffect>

/** A permitted field that is not plain, such as `service_tier=priority`. */
export const FieldUse = z.object({ field: z.string(), effect: FieldEffect })
export type FieldUse = z.infer<typeof FieldUse>
