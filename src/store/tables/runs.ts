import type { Kysely } from 'kysely'
import { Run } from '../../domain/run.ts'
import type { RunRow, Schema } from '../schema.ts'
import { StoreError } from '../store-error.ts'
import { merged } from '../merged.ts'
import type { RunTable } from '../types.ts'

/** update() reads and writes: give it a transaction. */
export function runsTable(db: Kysely<Schema>): RunTable {
  async function get(id: string): Promise<Run | null> {
    const row = await db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst()
    return row ? fromRow(row) : null
  }
  return {
    get,
    async insert(run) {
      await db.insertInto('runs').values(toRow(run)).execute()
    },
    async update(id, fields) {
      const run = await get(id)
      if (!run) throw new StoreError('not-found', `there is no run ${id}`)
      await db
        .updateTable('runs')
        .set(toRow(merged(run, fields)))
        .where('id', '=', id)
        .execute()
    },
    async list(filter = {}) {
      if (filter.status?.length === 0) return []
      let query = db.selectFrom('runs').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc')
      if (filter.status) query = query.where('status', 'in', [...filter.status])
      if (filter.limit !== undefined) query = query.limit(filter.limit)
      return (await query.execute()).map(fromRow)
    },
  }
}

function toRow(value: Run): RunRow {
  const run = Run.safeParse(value)
  if (!run.success) throw new StoreError('invalid', `run ${value.id}: ${run.error.message}`)
  const { taskSource, createdAt, startedAt, finishedAt, inputs, requester, ...same } = run.data
  return {
    ...same,
    task_source: taskSource,
    inputs: JSON.stringify(inputs),
    requester: JSON.stringify(requester),
    created_at: createdAt,
    started_at: startedAt,
    finished_at: finishedAt,
  }
}

function fromRow(row: RunRow): Run {
  const { task_source, created_at, started_at, finished_at, inputs, requester, ...same } = row
  return Run.parse({
    ...same,
    taskSource: task_source,
    inputs: JSON.parse(inputs),
    requester: JSON.parse(requester),
    createdAt: created_at,
    startedAt: started_at,
    finishedAt: finished_at,
  })
}
