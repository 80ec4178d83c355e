import { expect, test } from 'vitest'
import { PROBLEM_CODES } from '../contract/problem.ts'
import { RunStatus } from '../domain/events/fields.ts'
import { exitCodeOfProblem, exitCodeOfRun } from './exit-codes.ts'

test('maps the end of a run to an exit code', () => {
  expect(Object.fromEntries(RunStatus.options.map((status) => [status, exitCodeOfRun(status)]))).toEqual({
    succeeded: 0,
    failed: 1,
    invalid: 2,
    refused: 3,
    error: 4,
    interrupted: 4,
    queued: 4,
    running: 4,
    cancelled: 130,
  })
})

test('maps a problem to an exit code', () => {
  expect(Object.fromEntries(PROBLEM_CODES.map((code) => [code, exitCodeOfProblem(code)]))).toEqual({
    'bad-input': 2,
    'not-found': 2,
    removed: 2,
    ambiguous: 2,
    'wrong-state': 2,
    'too-large': 2,
    unauthenticated: 3,
    refused: 3,
    'gate-closed': 3,
    conflict: 3,
    'wrong-host': 3,
    busy: 4,
    unavailable: 4,
    internal: 4,
  })
})
