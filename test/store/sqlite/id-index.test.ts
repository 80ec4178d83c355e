// How SQLite says that it finds a row by a part of its id.
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { DATABASE_FILE } from '../../../src/store/database-file.ts'
import { idHasEnd } from '../../../src/store/rows/id-range.ts'
import { openSqlite } from '../../../src/store/sqlite/open-sqlite.ts'
import { freshFolder, open } from '../sample-records.ts'

test.each(['runs', 'changes', 'asks'])(
  'finds %s by the first or last characters of an id without a look at each row',
  async (table) => {
    await using folder = await freshFolder()
    await (await open(folder.path))[Symbol.asyncDispose]()
    await using database = await openSqlite(join(folder.path, DATABASE_FILE))
    for (const part of ['1m8m', '1m8mfv13', '1m8mfv13kn8nhe8yb9r']) {
      const query = sql<{
        detail: string
      }>`explain query plan select id from ${sql.table(table)} where ${idHasEnd(part)!}`
      const steps = (await query.execute(database.reader)).rows.map(({ detail }) => detail)
      expect(steps.join('\n')).toContain(`${table}_by_end_of_id`)
      expect(steps.filter((step) => step.startsWith('SCAN'))).toEqual([])
    }
  },
)
