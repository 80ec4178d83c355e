import type { Kysely } from 'kysely'
import { Change } from '../../domain/change.ts'
import { merged } from '../merged.ts'
import type { ChangeRow, Schema } from '../schema.ts'
import { StoreError } from '../store-error.ts'
import type { ChangeTable } from '../types.ts'

/** update() reads and writes: give it a transaction. */
export function changesTable(db: Kysely<Schema>): ChangeTable {
  async function find(column: 'id' | 'run', value: string): Promise<Change | null> {
    const row = await db.selectFrom('changes').selectAll().where(column, '=', value).executeTakeFirst()
    return row ? fromRow(row) : null
  }
  return {
    get: (id) => find('id', id),
    byRun: (run) => find('run', run),
    async insert(change) {
      await db.insertInto('changes').values(toRow(change)).execute()
    },
    async update(id, fields) {
      const change = await find('id', id)
      if (!change) throw new StoreError('not-found', `there is no change ${id}`)
      await db
        .updateTable('changes')
        .set(toRow(merged(change, fields)))
        .where('id', '=', id)
        .execute()
    },
    async list(filter = {}) {
      let query = db.selectFrom('changes').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc')
      if (filter.limit !== undefined) query = query.limit(filter.limit)
      return (await query.execute()).map(fromRow)
    },
  }
}

function toRow(value: Change): ChangeRow {
  const change = Change.safeParse(value)
  if (!change.success) throw new StoreError('invalid', `change ${value.id}: ${change.error.message}`)
  const {
    protectedPaths,
    findings,
    checks,
    requester,
    decisions,
    mergeCommit,
    publishAs,
    published,
    createdAt,
    ...same
  } = change.data
  return {
    ...same,
    protected_paths: JSON.stringify(protectedPaths),
    findings: JSON.stringify(findings),
    checks: JSON.stringify(checks),
    requester: JSON.stringify(requester),
    decisions: JSON.stringify(decisions),
    merge_commit: mergeCommit,
    publish_as: publishAs,
    published: published ? 1 : 0,
    created_at: createdAt,
  }
}

function fromRow(row: ChangeRow): Change {
  const {
    protected_paths,
    findings,
    checks,
    requester,
    decisions,
    merge_commit,
    publish_as,
    published,
    created_at,
    ...same
  } = row
  return Change.parse({
    ...same,
    protectedPaths: JSON.parse(protected_paths),
    findings: JSON.parse(findings),
    checks: JSON.parse(checks),
    requester: JSON.parse(requester),
    decisions: JSON.parse(decisions),
    mergeCommit: merge_commit,
    publishAs: publish_as,
    published: published === 1,
    createdAt: created_at,
  })
}
