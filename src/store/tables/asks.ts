import type { Kysely } from 'kysely'
import { Ask } from '../../domain/ask.ts'
import { merged } from '../merged.ts'
import type { AskRow, Schema } from '../schema.ts'
import { StoreError } from '../store-error.ts'
import type { AskTable } from '../types.ts'

/** update() reads and writes: give it a transaction. */
export function asksTable(db: Kysely<Schema>): AskTable {
  async function get(id: string): Promise<Ask | null> {
    const row = await db.selectFrom('asks').selectAll().where('id', '=', id).executeTakeFirst()
    return row ? fromRow(row) : null
  }
  return {
    get,
    async insert(ask) {
      await db.insertInto('asks').values(toRow(ask)).execute()
    },
    async update(id, fields) {
      const ask = await get(id)
      if (!ask) throw new StoreError('not-found', `there is no ask ${id}`)
      await db
        .updateTable('asks')
        .set(toRow(merged(ask, fields)))
        .where('id', '=', id)
        .execute()
    },
    async list({ status, run, prefix, limit } = {}) {
      if (status?.length === 0) return []
      let query = db.selectFrom('asks').selectAll().orderBy('opened_at', 'desc').orderBy('id', 'desc')
      if (status) query = query.where('status', 'in', [...status])
      if (run !== undefined) query = query.where('run', '=', run)
      // Ids are base32, so that nothing in a prefix means something to `like`.
      if (prefix !== undefined) query = query.where('id', 'like', `${prefix.replace(/[^0-9a-z]/g, '')}%`)
      if (limit !== undefined) query = query.limit(limit)
      return (await query.execute()).map(fromRow)
    },
  }
}

/** What the agent wrote is JSON in its column, so that no character of it has a meaning on the way. */
function toRow(value: Ask): AskRow {
  const parsed = Ask.safeParse(value)
  if (!parsed.success) throw new StoreError('invalid', `ask ${value.id}: ${parsed.error.message}`)
  const { title, command, paths, options, openedAt, decidedAt, decidedBy, ...same } = parsed.data
  return {
    ...same,
    title: JSON.stringify(title),
    command: command === null ? null : JSON.stringify(command),
    paths: JSON.stringify(paths),
    options: JSON.stringify(options),
    opened_at: openedAt,
    decided_at: decidedAt,
    decided_by: decidedBy === null ? null : JSON.stringify(decidedBy),
  }
}

function fromRow({ opened_at, decided_at, decided_by, ...row }: AskRow): Ask {
  return Ask.parse({
    ...row,
    title: JSON.parse(row.title),
    command: row.command === null ? null : JSON.parse(row.command),
    paths: JSON.parse(row.paths),
    options: JSON.parse(row.options),
    openedAt: opened_at,
    decidedAt: decided_at,
    decidedBy: decided_by === null ? null : JSON.parse(decided_by),
  })
}
