// Values of paths and queries: text on the wire, typed behind it.
import { z } from 'zod'

/** A whole id, the first four or more characters of one, or `latest`. */
export const Reference = z
  .string()
  .regex(/^(latest|[0-9a-hjkmnp-tv-z]{4,20})$/, 'an id, the first 4 or more characters of one, or `latest`')

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
