// A part of an id that a person typed, as a condition on the column `id`.
import { sql } from 'kysely'
import type { RawBuilder, SqlBool } from 'kysely'
import { ID_ALPHABET, ID_LENGTH } from '../../domain/ids.ts'

const LAST = ID_ALPHABET.at(-1)

/** The condition that `id` starts or ends with `part`; null if no id can. */
export function idHasEnd(part: string): RawBuilder<SqlBool> | null {
  if (part.length > ID_LENGTH || [...part].some((char) => !ID_ALPHABET.includes(char))) return null
  if (part.length === ID_LENGTH) return sql<SqlBool>`id = ${part}`
  const end = sql.lit(ID_LENGTH - part.length + 1)
  return sql<SqlBool>`(${idStartsWith(part)} or substr(id, ${end}) = ${part})`
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
