// A prefix of ids as a range of an index.
import { sql } from 'kysely'
import type { RawBuilder, SqlBool } from 'kysely'
import { ID_ALPHABET, ID_LENGTH } from '../../domain/ids.ts'

const LAST = ID_ALPHABET.at(-1)

/**
 * The condition that `id` starts with `prefix`; null if no id can. The bounds consist of characters of ids only, which
 * every collation orders alike.
 */
export function idStartsWith(prefix: string): RawBuilder<SqlBool> | null {
  if (prefix.length > ID_LENGTH || [...prefix].some((char) => !ID_ALPHABET.includes(char))) return null
  if (prefix.length === ID_LENGTH) return sql<SqlBool>`id = ${prefix}`
  const below = firstAfter(prefix)
  return below === null ? sql<SqlBool>`id >= ${prefix}` : sql<SqlBool>`(id >= ${prefix} and id < ${below})`
}

/** The smallest text greater than all texts that start with `prefix`; null if none exists. */
function firstAfter(prefix: string): string | null {
  let end = prefix.length
  while (prefix[end - 1] === LAST) end -= 1
  if (end === 0) return null
  const next = ID_ALPHABET[ID_ALPHABET.indexOf(prefix[end - 1] as string) + 1] as string
  return `${prefix.slice(0, end - 1)}${next}`
}
