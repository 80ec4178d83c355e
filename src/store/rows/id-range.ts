// Ids that start in one way are a range of an index.
import { sql } from 'kysely'
import type { RawBuilder, SqlBool } from 'kysely'
import { ID_ALPHABET, ID_LENGTH } from '../../domain/ids.ts'

const LAST = ID_ALPHABET.at(-1)

/**
 * The condition that `id` starts so; null: no id can. The bounds are made of an id's own characters, which every
 * collation orders alike.
 */
export function idStartsWith(prefix: string): RawBuilder<SqlBool> | null {
  if (prefix.length > ID_LENGTH || [...prefix].some((char) => !ID_ALPHABET.includes(char))) return null
  if (prefix.length === ID_LENGTH) return sql<SqlBool>`id = ${prefix}`
  const below = firstAfter(prefix)
  return below === null ? sql<SqlBool>`id >= ${prefix}` : sql<SqlBool>`(id >= ${prefix} and id < ${below})`
}

/** The first text after all that start with `prefix`; null: there is none. */
function firstAfter(prefix: string): string | null {
  let end = prefix.length
  while (prefix[end - 1] === LAST) end -= 1
  if (end === 0) return null
  const next = ID_ALPHABET[ID_ALPHABET.indexOf(prefix[end - 1] as string) + 1] as string
  return `${prefix.slice(0, end - 1)}${next}`
}
