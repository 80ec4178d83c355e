// One test per attempt and kind of sandbox.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxKinds } from '../sandbox-kinds.ts'
import type { AttemptGroup } from './attempt.ts'
import type { Battery } from './battery.ts'
import { openBattery } from './battery.ts'
import { loadAttempts } from './load-attempts.ts'
import { addResult, isUpdating, readResults, resultOf, UPDATE_VARIABLE } from './results.ts'

/** Longer than the wall time of an attempt, so that a hanging attempt ends with its own error. */
const TIMEOUT_MS = 240_000

export async function testAttempts(group: AttemptGroup): Promise<void> {
  const attempts = await loadAttempts(group)
  const known = readResults()
  describe.each(await sandboxKinds())('$kind', (kind) => {
    let battery: Battery | undefined
    beforeAll(async () => {
      battery = await openBattery(kind, attempts)
    })
    afterAll(() => battery?.[Symbol.asyncDispose]())

    test.each(attempts)(
      '$id: $tries',
      async (attempt) => {
        if (!battery) throw new Error('there is no battery')
        await battery.attempt(attempt)
        if (isUpdating()) addResult(attempt, kind.kind)
        else
          expect(known[attempt.id]?.[kind.kind], `results.json says otherwise; ${UPDATE_VARIABLE}=1 writes it`).toBe(
            resultOf(attempt, kind.kind),
          )
      },
      TIMEOUT_MS,
    )
  })
}
