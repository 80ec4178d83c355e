import { expect, test } from 'vitest'
import { capLimits } from './cap-limits.ts'
import { Limits } from './task.ts'

test('caps the limits of a task at the configured ceilings', () => {
  const limits = Limits.parse({ memory: '512 GiB', processes: 30_000, workspace: '1 GiB' })
  const capped = capLimits(limits, { memory: 2 * 1024 ** 3, processes: 500, workspace: 8 * 1024 ** 3 })
  expect(capped).toEqual({ ...limits, memory: 2 * 1024 ** 3, processes: 500 })
})
