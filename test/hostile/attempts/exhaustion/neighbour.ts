// An honest run beside an attempt: its uses of the same resources must not fail.
import { expect } from 'vitest'
import type { Attempt, OtherRun } from '../../attempt.ts'

const neighbours = new Map<string, OtherRun>()

/** Starts before the attempt and works for three seconds. */
export function besideNeighbour(attempt: Omit<Attempt, 'group' | 'before'>): Attempt {
  return {
    ...attempt,
    group: 'exhaustion',
    async before(ground, cleanup) {
      neighbours.set(ground.folder, await ground.otherRun('/opt/hostile/pools neighbour'))
      // If the attempt itself fails, `verify` does not reach this.
      cleanup.defer(async () => void (await neighbours.get(ground.folder)?.cancel()))
    },
    async verify(outcome, ground) {
      const neighbour = await neighbours.get(ground.folder)?.ended()
      neighbours.delete(ground.folder)
      expect(neighbour?.stdout).toBe('neighbour: undisturbed\n')
      expect(neighbour?.run.status, neighbour?.run.reason ?? '').toBe('succeeded')
      await attempt.verify(outcome, ground)
    },
  }
}
