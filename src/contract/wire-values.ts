// Values of paths and queries: text on the wire, parsed to typed values.
import { z } from 'zod'

/** A whole id, the first or last four or more characters of one, or `latest`. */
export const Reference = z
  .string()
  .regex(/^(latest|[0-9a-hjkmnp-tv-z]{4,20})$/, 'an id, the first or last 4 or more characters of one, or `latest`')

export const Natural = z
  .string()
  .regex(/^\d{1,9}$/, 'a whole number')
  .transform(Number)

export const Flag = z.enum(['true', 'false']).transform((value) => value === 'true')

/** `?kind=a&kind=b` */
export function listOf<S extends z.ZodType>(item: S) {
  return z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(item).max(100))
}

export const Limit = z
  .string()
  .regex(/^[1-9]\d{0,3}$/, 'a number from 1 to 9999')
  .transform(Number)

/** A position in the log of the instance. */
export const Position = z
  .string()
  .regex(/^\d{1,15}$/, 'a position: a whole number')
  .transform(Number)

/** The end of a page of a list: `next` of the previous answer. Opaque to clients. */
export const Cursor = z.string().regex(/^[\x21-\x7e]{1,200}$/, 'a cursor: `next` of an earlier answer')

/** Query parameters of every list. */
export const PAGE = { limit: Limit.optional(), cursor: Cursor.optional() }

/** The answer of every list: one page, and the cursor of the next one. */
export function pageOf<N extends string, S extends z.ZodType>(name: N, item: S) {
  const rows = { [name]: z.array(item) } as { [K in N]: z.ZodArray<S> }
  return z.object({ ...rows, next: z.string().nullable().describe('cursor of the next page; null on the last page') })
}
