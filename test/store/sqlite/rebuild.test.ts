import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { DATABASE_FILE } from '../../../src/store/database-file.ts'
import { anId, files, freshFolder, modelCalled, open, stage } from '../sample-records.ts'

test('rebuilds the projections from all events, whatever state they are in', async () => {
  await using folder = await freshFolder()
  await using store = await open(folder.path)
  const [run, other] = [anId(), anId()]
  await store.record(Array.from({ length: 2_400 }, () => stage(run, 'x')))
  await store.record([files(run, ['/a', '/b'], ['/c']), modelCalled(run, 'call', 5), stage(other, 'x')])
  const kept = async () => [
    await store.events.summary(run),
    await store.events.summary(other),
    await store.usage.sum({}, 'USD', []),
  ]
  const before = await kept()
  using raw = new DatabaseSync(join(folder.path, DATABASE_FILE))
  raw.exec('update traces set events = 7, files_read = 9; delete from trace_files; delete from model_usage')
  raw.exec("insert into traces values ('nobody', 1, 1, 1, 1, 1, 1)")
  expect(await kept()).not.toEqual(before)
  await store.rebuild()
  expect(await kept()).toEqual(before)
  expect(raw.prepare('select run from traces order by run').all()).toHaveLength(2)
  await store.record([files(run, ['/a', '/d'])])
  expect(await store.events.summary(run)).toMatchObject({ events: 2_403, filesRead: 3 })
})
