import { expect, test } from 'vitest'
import { NO_CGROUPS } from './find-cgroups.ts'
import { weakLimits } from './weak-limits.ts'

const V2 = { version: 2 as const, directory: '/sys/fs/cgroup/glovebox' }
const ALL = { memory: V2, pids: V2, cpu: V2 }
const names = (...given: Parameters<typeof weakLimits>) => weakLimits(...given).map(({ name }) => name)

test('a machine with every cgroup and root lacks no limit', () => {
  expect(weakLimits(ALL, 0)).toEqual([])
})

test('each missing limit has its own row with the consequence and the cure', () => {
  const rows = weakLimits(NO_CGROUPS, 1000, () => null)
  expect(rows.map(({ name }) => name)).toEqual(
    ['memory', 'processes', 'processor', 'socket buffers', 'user id', 'file watches'].map((limit) => `limit: ${limit}`),
  )
  for (const row of rows)
    expect(row).toMatchObject({ found: true, weak: true, detail: expect.any(String), cure: expect.any(String) })
})

test('socket buffers and swap are missing where the memory cgroup of version 1 does not count them', () => {
  const memory = { version: 1 as const, directory: '/nowhere' }
  const swaps = (path: string) => (path === '/proc/swaps' ? 'Filename Type Size\n/dev/sda2 partition 1\n' : null)
  expect(names({ ...ALL, memory }, 0, swaps)).toEqual(['limit: swap', 'limit: socket buffers'])
  expect(names({ ...ALL, memory }, 0, () => 'Filename Type Size')).toEqual(['limit: socket buffers'])
})
