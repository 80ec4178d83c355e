import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { DATABASE_FILE } from '../../../src/store/database-file.ts'
import { aRun, freshFolder, open, stage } from '../sample-records.ts'

describe('a COMMIT that fails', () => {
  // A constraint that is only checked at COMMIT: the insert succeeds, the commit does not.
  const TRAP = `
    create table trap (run text references runs (id) deferrable initially deferred);
    create trigger spring after insert on events when new.leaf like '%poison%' begin insert into trap values ('nobody'); end`

  test('rejects the call and writes nothing, and later calls work', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    using raw = new DatabaseSync(join(folder.path, DATABASE_FILE))
    raw.exec(TRAP)
    await store.record([stage(null, 'good')])
    await expect(store.record([stage(null, 'poison')])).rejects.toMatchObject({
      name: 'RecordError',
      code: 'not-written',
    })
    const transacting = store.transact(async (tx) => {
      await tx.runs.insert(aRun())
      await tx.record([stage(null, 'poison')])
    })
    await expect(transacting).rejects.toThrow('FOREIGN KEY')
    expect((await store.runs.list()).items).toEqual([])
    expect((await store.record([stage(null, 'good again')]))[0]?.seq).toBe(2)
  })

  test('a database that another process has locked rejects record()', { timeout: 15_000 }, async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    using raw = new DatabaseSync(join(folder.path, DATABASE_FILE))
    raw.exec('begin immediate')
    await expect(store.record([stage(null, 'x')])).rejects.toMatchObject({ code: 'not-written' })
    raw.exec('rollback')
    expect((await store.record([stage(null, 'x')]))[0]?.seq).toBe(1)
  })
})
