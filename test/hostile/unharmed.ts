// Assertions after every attempt.
import { join } from 'node:path'
import { expect } from 'vitest'
import type { AttemptGround, AttemptOutcome } from './attempt.ts'
import { CANARY } from './canary.ts'
import type { HostState } from './host-state.ts'
import { leftovers } from './host-state.ts'

const MINUTE_MS = 60_000

export interface Aftermath {
  before: HostState
  after: HostState
  /** Both clocks before the attempt. */
  clock: { wall: number; steady: number }
  outcome: AttemptOutcome
  ground: AttemptGround
}

export function expectUnharmed({ before, after, clock, outcome, ground }: Aftermath): void {
  expect(after, 'the host has changed').toEqual(before)
  const drift = Date.now() - clock.wall - (performance.now() - clock.steady)
  expect(Math.abs(drift), 'the clock was set').toBeLessThan(MINUTE_MS)
  expect(outcome.stdout + outcome.stderr, 'a secret of the host came out').not.toContain(CANARY)
  const [started] = outcome.of('sandbox.started')
  expect(started, `no sandbox: ${outcome.run.reason}`).toBeDefined()
  const hostUid = started?.body.hostUid ?? 0
  expect(hostUid).toBeGreaterThan(0)
  expect(leftovers(outcome.run.id, hostUid, join(ground.data, 'sandboxes', outcome.run.id))).toEqual([])
  expectWholeRecord(outcome)
}

function expectWholeRecord({ events, of, run }: AttemptOutcome): void {
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
  expect(events.at(-1)?.kind).toBe('run.finished')
  expect(of('run.finished')).toHaveLength(1)
  expect(of('sandbox.ended')).toHaveLength(1)
  const [coverage, ...others] = of('coverage.reported')
  expect(others).toEqual([])
  expect(coverage?.body.dropped).toBe(0)
  // A limit that ends the box also ends the recorder; the reason of the run names it.
  if (!/ limit\b/.test(run.reason ?? '')) expect(coverage?.body).toMatchObject({ complete: true })
}
