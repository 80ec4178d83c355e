import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LiveCalls } from './live-calls.ts'

test('holds the same elements as a Set, in the same order', () => {
  const change = fc.record({ add: fc.boolean(), call: fc.nat(8) })
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const [live, set] = [new LiveCalls(), new Set<number>()]
      for (const { add, call } of changes)
        if (add) {
          live.add(call)
          set.add(call)
        } else {
          live.delete(call)
          set.delete(call)
        }
      expect([...live]).toEqual([...set])
      expect(live.size).toBe(set.size)
    }),
  )
})
