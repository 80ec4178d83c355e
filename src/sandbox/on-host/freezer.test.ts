import { expect, test } from 'vitest'
import { isFrozen } from './freezer.ts'

test('a running process and an ended process are not frozen', () => {
  expect(isFrozen(process.pid)).not.toBe(true)
  expect(isFrozen(2 ** 22 + 1)).toBe(false)
})

test('the state is unknown when the cgroups of the process are not visible', () => {
  const elsewhere = `30 20 0:26 /elsewhere /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer
33 20 0:29 /elsewhere /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw`
  expect(isFrozen(process.pid, elsewhere)).toBeNull()
  expect(isFrozen(process.pid, '')).toBeNull()
})
