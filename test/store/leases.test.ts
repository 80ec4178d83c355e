import { describe, expect, test } from 'vitest'
import { freshFolder } from './sample-records.ts'
import { STORES } from './stores.ts'

describe.each(STORES)('leases of $name', ({ open }) => {
  test('belong to one holder until they expire, also across processes', async () => {
    await using folder = await freshFolder()
    await using one = await open(folder.path)
    await using two = await open(folder.path)
    const take = (store: typeof one, holder: string, now: number) =>
      store.transact((tx) => tx.leases.take('merge', holder, now, 100))
    const taken = await Promise.all(['a', 'b', 'c', 'd'].map((holder, at) => take(at % 2 ? one : two, holder, 10)))
    expect(taken.filter((key) => key !== null)).toEqual([{ name: 'merge', generation: 1 }])
    expect(await take(two, 'late', 109)).toBe(null)
    expect(await take(two, 'late', 110)).toEqual({ name: 'merge', generation: 2 })
    expect(await one.leases.get('merge')).toMatchObject({ holder: 'late', expiresAt: 210 })
    expect(await one.transact((tx) => tx.leases.take('other', 'a', 10, 100))).toMatchObject({ generation: 1 })
  })

  test('can be renewed and released only by the holder', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const first = (await store.transact((tx) => tx.leases.take('merge', 'a', 0, 100)))!
    await store.transact((tx) => tx.leases.renew(first, 90, 100))
    expect(await store.transact((tx) => tx.leases.take('merge', 'b', 150, 100))).toBe(null)
    const second = (await store.transact((tx) => tx.leases.take('merge', 'b', 190, 100)))!
    await expect(store.transact((tx) => tx.leases.renew(first, 191, 100))).rejects.toMatchObject({ code: 'fenced' })
    await expect(store.transact((tx) => tx.leases.release(first))).rejects.toMatchObject({ code: 'fenced' })
    await store.transact((tx) => tx.leases.release(second))
    expect(await store.transact((tx) => tx.leases.take('merge', 'a', 192, 100))).toMatchObject({ generation: 3 })
  })
})
