// Assertions of this group: each push was refused and recorded, and only the run's own branch moved.
import { expect } from 'vitest'
import type { AttemptOutcome } from '../../attempt.ts'
import { told } from '../../inside-python.ts'

export const OWN_ONLY = 'the gateway parses pushes itself and only accepts the run’s own branch'

/** The ref updates of every push, accepted or not. */
export function pushed(outcome: AttemptOutcome) {
  return outcome
    .of('git.pushed')
    .flatMap(({ body }) =>
      body.updates.map((update) => ({ ...update, accepted: body.accepted, decision: body.decision })),
    )
}

/** Asserts that there were pushes, that none was accepted, and that the record has the reason of each. */
export function expectNothingPushed(outcome: AttemptOutcome, atLeast: number, why = /\w/): void {
  const updates = pushed(outcome)
  expect(updates.length).toBeGreaterThanOrEqual(atLeast)
  for (const { ref, result, accepted } of updates) {
    expect([ref, accepted]).toEqual([ref, false])
    expect([ref, result]).toEqual([ref, expect.stringMatching(why)])
    expect(result).not.toBe('ok')
  }
  expectNoChange(outcome)
}

export function expectNoChange(outcome: AttemptOutcome): void {
  expect(outcome.of('change.proposed')).toEqual([])
  expect(outcome.change).toBeNull()
}

/** Asserts that requests were refused before any push was parsed. */
export function expectBadRequests(outcome: AttemptOutcome, statuses: readonly number[]): void {
  const tries = told(outcome)
  for (const { label, statuses: got, text } of tries)
    expect([label, [...statuses.map((status) => [status])], text]).toEqual([label, expect.arrayContaining([got]), text])
  const refused = outcome.of('net.requested').filter(({ body }) => !body.decision.allowed)
  expect(refused.length).toBeGreaterThanOrEqual(tries.length)
  for (const { body } of refused) expect(body).toMatchObject({ note: expect.stringMatching(/\w/), responseBytes: 0 })
  expect(outcome.of('git.pushed').filter(({ body }) => body.accepted)).toEqual([])
  expectNoChange(outcome)
}

/** Asserts that every reported answer matches, and that none accepts a ref. */
export function expectAnswers(outcome: AttemptOutcome, pattern: RegExp): void {
  for (const { label, text } of told(outcome)) {
    expect([label, text]).toEqual([label, expect.stringMatching(pattern)])
    expect([label, text]).not.toEqual([label, expect.stringMatching(/^ok refs|[0-9a-f]{4}ok refs/m)])
  }
}
