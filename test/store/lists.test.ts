import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Change, ChangeStatus } from '../../src/domain/change.ts'
import { ID_ALPHABET } from '../../src/domain/ids.ts'
import type { Run } from '../../src/domain/run.ts'
import type { Page, Store } from '../../src/store/types.ts'
import { aChange, aDecision, aRun, anAsk, anId, freshFolder } from './sample-records.ts'
import { STORES } from './stores.ts'

async function insertAll(store: Store, runs: readonly Run[]): Promise<void> {
  await store.transact(async (tx) => {
    for (const run of runs) await tx.runs.insert(run)
  })
}

async function pages<T>(list: (cursor?: string) => Promise<Page<T>>): Promise<T[][]> {
  const all: T[][] = []
  for (let cursor: string | undefined; ;) {
    const { items, next } = await list(cursor)
    all.push([...items])
    if (next === null) return all
    cursor = next
  }
}

const ids = (items: readonly { id: string }[]) => items.map(({ id }) => id)
const newestFirst = (a: Run, b: Run) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1)

describe.each(STORES)('$name', ({ open }) => {
  describe('a list in pages', () => {
    test('has every run once, newest first, even if runs are added meanwhile', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      // Several runs of equal time: the id decides.
      const runs = Array.from({ length: 25 }, (_, index) => aRun({ createdAt: 1000 + Math.floor(index / 4) }))
      await insertAll(store, runs)
      const read = await pages(async (cursor) => {
        const page = await store.runs.list({ limit: 4, cursor })
        await insertAll(store, [aRun({ createdAt: 5000 })])
        return page
      })
      expect(read.map((page) => page.length)).toEqual([4, 4, 4, 4, 4, 4, 1])
      expect(ids(read.flat())).toEqual(ids(runs.toSorted(newestFirst)))
    })

    test('ends without an empty page if the last page is full', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      expect(await store.runs.list()).toEqual({ items: [], next: null })
      await insertAll(store, [aRun(), aRun()])
      expect((await store.runs.list({ limit: 2 })).next).toBeNull()
    })

    test.each(['', 'x', '1.', '1.2.3', `${'9'.repeat(17)}.a`, "1.a' or 1=1", '1.a\n'])(
      'refuses %j as a cursor',
      async (cursor) => {
        await using folder = await freshFolder()
        await using store = await open(folder.path)
        await expect(store.runs.list({ cursor })).rejects.toMatchObject({ code: 'bad-cursor' })
      },
    )

    test.each([0, -1, 1.5, 10_001, Number.NaN])('refuses %d as a limit', async (limit) => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      await expect(store.changes.list({ limit })).rejects.toMatchObject({ code: 'invalid' })
    })
  })

  describe('a filtered list', () => {
    test('combines filters on status, repository, requester, task and trigger', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const runs = [
        aRun({ status: 'failed' }),
        aRun({ repository: '/srv/other' }),
        aRun({ requester: { id: 'user:bob' } }),
        aRun({ task: 'other' }),
        aRun({ trigger: 'ci' }),
      ]
      await insertAll(store, runs)
      const list = async (query: Parameters<Store['runs']['list']>[0]) =>
        ids((await store.runs.list(query)).items).toSorted()
      expect(await list({ status: ['failed'] })).toEqual([runs[0]?.id])
      expect(await list({ repository: ['/srv/other'] })).toEqual([runs[1]?.id])
      expect(await list({ requester: ['user:bob', 'user:eve'] })).toEqual([runs[2]?.id])
      expect(await list({ task: ['other'] })).toEqual([runs[3]?.id])
      expect(await list({ trigger: ['ci'], status: ['queued', 'failed'] })).toEqual([runs[4]?.id])
      expect(await list({ trigger: ['ci'], task: ['other'] })).toEqual([])
      expect(await list({ status: [] })).toEqual([])
    })

    test('shows a caller all rows, no rows, or the rows of at least one scope', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const runs = ['/srv/a', '/srv/b'].flatMap((repository) =>
        ['user:ada', 'user:bob'].map((id) => aRun({ repository, requester: { id } })),
      )
      await insertAll(store, runs)
      await store.transact(async (tx) => {
        for (const { id, repository, requester } of runs) {
          await tx.changes.insert(aChange(id, { repository, requester }))
          await tx.asks.insert(anAsk(id))
        }
      })
      const [adaA, bobA, adaB] = ids(runs)
      const cases = [
        [undefined, ids(runs)],
        [[], []],
        [[{ repository: ['/srv/a'] }], [adaA, bobA]],
        [[{ repository: ['/srv/a'], requester: ['user:bob'] }], [bobA]],
        [
          [{ repository: ['/srv/a'] }, { requester: ['user:ada'] }],
          [adaA, bobA, adaB],
        ],
        [[{ repository: [] }], []],
        [[{}], ids(runs)],
      ] as const
      for (const [within, expected] of cases) {
        const seen = {
          runs: ids((await store.runs.list({ within })).items).toSorted(),
          changes: (await store.changes.list({ within })).items.map(({ run }) => run).toSorted(),
          asks: (await store.asks.list({ within })).items.map(({ run }) => run).toSorted(),
        }
        const all = expected.toSorted()
        expect([within, seen]).toEqual([within, { runs: all, changes: all, asks: all }])
      }
    })

    test('filters changes by status, which the database derives like the domain', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const commits = ['b'.repeat(40), 'c'.repeat(40)]
      const decision = fc
        .tuple(fc.constantFrom('approved' as const, 'rejected' as const), fc.constantFrom(...commits))
        .map(([made, commit]) => aDecision(commit, { decision: made }))
      const change = fc.record({
        status: fc.constantFrom('open', 'merging', 'merged') as fc.Arbitrary<ChangeStatus>,
        decisions: fc.array(decision, { maxLength: 3 }),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (given) => {
          const changes: Change[] = []
          await store.transact(async (tx) => {
            for (const fields of given) {
              const run = aRun()
              await tx.runs.insert(run)
              changes.push(aChange(run.id, fields))
            }
            for (const one of changes) await tx.changes.insert(one)
          })
          for (const { id } of changes) {
            const { status } = (await store.changes.get(id)) as Change
            for (const asked of ['open', 'approved', 'rejected', 'merging', 'merged'] as const) {
              const { items } = await store.changes.list({ status: [asked], limit: 10_000 })
              expect([asked, items.some((item) => item.id === id)]).toEqual([asked, asked === status])
            }
          }
        }),
        { numRuns: 15 },
      )
    })
  })

  describe('find()', () => {
    test('gives the rows whose id starts or ends with the part, newest first, and no others', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const endings = ['0', '5zzz', '6', 'z', 'zz', 'zzz0', 'zzzz']
      const runs = [
        ...endings.map((ending) => aRun({ id: `0000${ending}`.padEnd(20, '7') })),
        ...endings.map((ending) => aRun({ id: `1111${ending.padStart(16, '7')}` })),
      ]
      await insertAll(store, runs)
      const part = fc
        .tuple(
          fc.constantFrom('', ...runs.map(({ id }) => id)),
          fc.nat(20),
          fc.boolean(),
          fc.constantFrom('', ...ID_ALPHABET, 'u', 'U', '%', '_'),
        )
        .map(([id, length, first, more]) =>
          first ? `${id.slice(0, length)}${more}` : `${more}${id.slice(20 - length)}`,
        )
      await fc.assert(
        fc.asyncProperty(part, fc.integer({ min: 1, max: 8 }), async (given, limit) => {
          const expected = ids(runs).filter((id) => id.startsWith(given) || id.endsWith(given))
          const found = ids(await store.runs.find(given, limit))
          expect(found).toEqual(expected.toSorted().toReversed().slice(0, limit))
        }),
        { numRuns: 300 },
      )
    })

    test('finds changes and asks as well as runs', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const run = aRun()
      const [change, ask] = [aChange(run.id), anAsk(run.id)]
      await store.transact(async (tx) => {
        await tx.runs.insert(run)
        await tx.changes.insert(change)
        await tx.asks.insert(ask)
      })
      expect(await store.changes.find(change.id.slice(1), 5)).toEqual([change])
      expect(await store.asks.find(ask.id, 5)).toEqual([ask])
      expect(await store.asks.find(anId(), 5)).toEqual([])
    })
  })
})
