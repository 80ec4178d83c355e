// A part of an id that a person typed, as a condition on the column `id`.
import { sql } from 'kysely'
import type { RawBuilder, SqlBool } from 'kysely'
import { ID_ALPHABET, ID_LENGTH } from '../../domain/ids.ts'

const LAST = ID_ALPHABET.at(-1)
/** Number of last characters that an index holds: the fewest that a person may type. */
const INDEXED_END = 4

/** The condition that `id` starts or ends with `part`; null if no id can. */
export function idHasEnd(part: string): RawBuilder<SqlBool> | null {
  if (part.length > ID_LENGTH || [...part].some((char) => !ID_ALPHABET.includes(char))) return null
  if (part.length === ID_LENGTH) return sql<SqlBool>`id = ${part}`
  return sql<SqlBool>`(${idStartsWith(part)} or (${idEndsWith(part)}))`
}

/** The first condition uses the index of the last characters (migration 12), which leaves hardly more than one row. */
function idEndsWith(part: string): RawBuilder<SqlBool> {
  const ends = sql<SqlBool>`${fromEnd(part.length)} = ${part}`
  if (part.length <= INDEXED_END) return ends
  return sql<SqlBool>`${fromEnd(INDEXED_END)} = ${part.slice(-INDEXED_END)} and ${ends}`
}

/** The last characters of `id`, written like the expression of the index. */
function fromEnd(length: number): RawBuilder<string> {
  return sql`substr(id, ${sql.lit(ID_LENGTH - length + 1)})`
}

/** A range of an index. Its bounds consist of characters of ids only, which every collation orders alike. */
function idStartsWith(prefix: string): RawBuilder<SqlBool> {
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
