// What attempts of this group check: refused with an answer, nothing else came back, and the record has each of them.
import { expect } from 'vitest'
import type { AttemptOutcome } from '../../attempt.ts'
import { told } from '../../inside-python.ts'

/** Each try got one answer, a refusal, and the record has at least as many refusals, each with its reason. */
export function expectRefused(outcome: AttemptOutcome, statuses: readonly number[] = [400, 403, 413, 421, 501]): void {
  const tries = told(outcome)
  for (const { label, statuses: got, text } of tries) {
    expect([label, got.length, text]).toEqual([label, 1, text])
    expect([label, statuses, text]).toEqual([label, expect.arrayContaining(got), text])
  }
  expectRecorded(outcome, tries.length)
}

export function expectRecorded(outcome: AttemptOutcome, atLeast: number): void {
  const requests = outcome.of('net.requested').filter((event) => event.source === 'gateway')
  const refused = requests.filter(({ body }) => !body.decision.allowed)
  expect(refused.length).toBeGreaterThanOrEqual(atLeast)
  for (const { body } of refused) expect(body).toMatchObject({ note: expect.stringMatching(/\w/), responseBytes: 0 })
  expectOnlyGit(outcome)
}

/** None of the tries got more than one answer, none an answer that is no refusal; all are on the record. */
export function expectNoneServed(outcome: AttemptOutcome): void {
  const tries = told(outcome)
  for (const { label, statuses, text } of tries) {
    expect([label, statuses.length, text]).toEqual([label, Math.min(statuses.length, 1), text])
    expect([label, statuses.filter((status) => status < 400)]).toEqual([label, []])
  }
  expectRecorded(outcome, tries.length)
}

/** Nothing but the clone was let through. */
export function expectOnlyGit(outcome: AttemptOutcome): void {
  expect(outcome.of('net.requested').filter(({ body }) => body.decision.allowed && body.service !== 'git')).toEqual([])
  expect(outcome.of('credential.used')).toEqual([])
}

/** The run came to its end as if nothing had happened: the attempt hurt nobody but itself. */
export function expectSoundRun(outcome: AttemptOutcome): void {
  expect(outcome.run).toMatchObject({ status: 'succeeded', reason: null })
}
