// Assertions of this group: each request got exactly one answer, a refusal, and is on the record.
import { expect } from 'vitest'
import type { AttemptOutcome } from '../../attempt.ts'
import { told } from '../../inside-python.ts'

/** Asserts that each try got exactly one answer, a refusal, and that the record has as many refusals, with reasons. */
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

/** Asserts that no try got more than one answer or an answer other than a refusal, and that all are recorded. */
export function expectNoneServed(outcome: AttemptOutcome): void {
  const tries = told(outcome)
  for (const { label, statuses, text } of tries) {
    expect([label, statuses.length, text]).toEqual([label, Math.min(statuses.length, 1), text])
    expect([label, statuses.filter((status) => status < 400)]).toEqual([label, []])
  }
  expectRecorded(outcome, tries.length)
}

/** Asserts that only the clone passed the gateway. */
export function expectOnlyGit(outcome: AttemptOutcome): void {
  expect(outcome.of('net.requested').filter(({ body }) => body.decision.allowed && body.service !== 'git')).toEqual([])
  expect(outcome.of('credential.used')).toEqual([])
}

/** Asserts that the run ended normally, so the attempt only harmed itself. */
export function expectSoundRun(outcome: AttemptOutcome): void {
  expect(outcome.run).toMatchObject({ status: 'succeeded', reason: null })
}
