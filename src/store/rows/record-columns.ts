// The mapping between the fields of a record and the columns of its table, for whole rows and for single fields.
import type { z } from 'zod'
import { StoreError } from '../store-error.ts'

export interface RecordColumns<T, R> {
  /** Throws StoreError `invalid`. */
  row(record: T): R
  /** The columns of the given fields, without `id`. Throws StoreError `invalid`. */
  some(id: string, fields: Partial<T>): Partial<R>
  record(row: object): T
}

interface How<T> {
  /** Name of the record in error messages. */
  what: string
  /**
   * Fields stored as JSON: lists, objects, and text that people and agents write. Such text may hold any character, and
   * PostgreSQL accepts no NUL in a text column.
   */
  json?: readonly (keyof T & string)[]
  /** Booleans, stored as 1 or 0. */
  flags?: readonly (keyof T & string)[]
}

interface Coding {
  field: string
  column: string
  encode(value: unknown): unknown
  decode(value: unknown): unknown
}

const PLAIN = { encode: (value: unknown) => value, decode: (value: unknown) => value }
const JSON_TEXT = {
  encode: (value: unknown) => (value === null ? null : JSON.stringify(value)),
  decode: (value: unknown) => (value === null ? null : (JSON.parse(value as string) as unknown)),
}
const FLAG = { encode: (value: unknown) => (value ? 1 : 0), decode: (value: unknown) => value === 1 }

/** Field names become snake case: `createdAt` is stored in column `created_at`. */
export function recordColumns<T extends { id: string }, R>(
  schema: z.ZodObject & z.ZodType<T>,
  { what, json = [], flags = [] }: How<T>,
): RecordColumns<T, R> {
  const codings = Object.keys(schema.shape).map((field): Coding => {
    const kind = (json as readonly string[]).includes(field)
      ? JSON_TEXT
      : (flags as readonly string[]).includes(field)
        ? FLAG
        : PLAIN
    return { field, column: field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), ...kind }
  })
  const part = schema.partial()

  function valid(id: string, parsed: z.ZodSafeParseResult<unknown>): Record<string, unknown> {
    if (!parsed.success) throw new StoreError('invalid', `${what} ${id}: ${parsed.error.message}`)
    return parsed.data as Record<string, unknown>
  }

  function encoded(fields: Record<string, unknown>): Record<string, unknown> {
    const given = codings.filter(({ field }) => fields[field] !== undefined)
    return Object.fromEntries(given.map(({ field, column, encode }) => [column, encode(fields[field])]))
  }

  return {
    row: (record) => encoded(valid(record.id, schema.safeParse(record))) as R,
    some: (id, fields) => encoded(valid(id, part.safeParse({ ...fields, id: undefined }))) as Partial<R>,
    record(row) {
      const columns = row as Record<string, unknown>
      // A row is validated when read, too, since another program may have written the database file.
      return schema.parse(
        Object.fromEntries(codings.map(({ field, column, decode }) => [field, decode(columns[column])])),
      )
    },
  }
}
