// The projection of counts per trace, updated in the transaction that writes the events. The summary of a long run then
// reads one row.
import { hash } from 'node:crypto'
import type { Kysely } from 'kysely'
import { bytesOf } from '../../domain/byte-text.ts'
import type { ByteText } from '../../domain/byte-text.ts'
import type { Event } from '../../domain/event.ts'
import type { TraceSummary } from '../../domain/run.ts'
import { insertChunks } from '../rows/insert-chunks.ts'
import type { Schema, TraceFileRow } from '../schema.ts'
import type { Projection } from './projection.ts'

export async function traceSummary(db: Kysely<Schema>, run: string): Promise<TraceSummary> {
  const row = await db.selectFrom('traces').selectAll().where('run', '=', run).executeTakeFirst()
  return {
    events: row?.events ?? 0,
    processes: row?.processes ?? 0,
    filesRead: row?.files_read ?? 0,
    filesWritten: row?.files_written ?? 0,
    requests: row?.requests ?? 0,
    denied: row?.denied ?? 0,
  }
}

export const traces: Projection = { name: 'traces', tables: ['traces', 'trace_files'], apply }

async function apply(db: Kysely<Schema>, events: readonly Event[]): Promise<void> {
  const byRun = Map.groupBy(events, (event) => event.run)
  for (const [run, ofRun] of byRun) if (run !== null) await addToTrace(db, run, ofRun)
}

async function addToTrace(db: Kysely<Schema>, run: string, events: readonly Event[]): Promise<void> {
  const count = (matches: (event: Event) => boolean) => events.filter(matches).length
  const accesses = events.flatMap((event) => (event.kind === 'file.accessed' ? [event.body] : []))
  const row = {
    run,
    events: events.length,
    processes: count((event) => event.kind === 'process.started'),
    files_read: await addPaths(
      db,
      run,
      'read',
      accesses.flatMap((access) => access.read),
    ),
    files_written: await addPaths(
      db,
      run,
      'written',
      accesses.flatMap((access) => access.written),
    ),
    requests: count((event) => event.kind === 'net.requested'),
    denied: count(isDenial),
  }
  await db
    .insertInto('traces')
    .values(row)
    .onConflict((conflict) =>
      conflict.column('run').doUpdateSet((field) => ({
        events: field('traces.events', '+', row.events),
        processes: field('traces.processes', '+', row.processes),
        files_read: field('traces.files_read', '+', row.files_read),
        files_written: field('traces.files_written', '+', row.files_written),
        requests: field('traces.requests', '+', row.requests),
        denied: field('traces.denied', '+', row.denied),
      })),
    )
    .execute()
}

function isDenial({ kind, body }: Event): boolean {
  return (kind === 'policy.decided' && !body.allowed) || (kind === 'ask.decided' && body.outcome === 'denied')
}

/** Adds paths to a trace; returns how many of them are new. */
async function addPaths(
  db: Kysely<Schema>,
  run: string,
  access: TraceFileRow['access'],
  paths: readonly ByteText[],
): Promise<number> {
  const digests = new Set(paths.map((path) => hash('sha256', bytesOf(path), 'base64url')))
  const rows = [...digests].map((path_digest) => ({ run, access, path_digest }))
  let added = 0
  for (const chunk of insertChunks(rows)) {
    const insert = db
      .insertInto('trace_files')
      .values(chunk)
      .onConflict((conflict) => conflict.doNothing())
    const result = await insert.executeTakeFirst()
    added += Number(result.numInsertedOrUpdatedRows ?? 0n)
  }
  return added
}
