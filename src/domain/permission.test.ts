import { expect, test } from 'vitest'
import { type PermissionAnswer, permissionOf } from './permission.ts'

const answer = (allowed: boolean, reasons: string[] = [], errors: string[] = []): PermissionAnswer => ({
  allowed,
  reasons,
  errors,
})

test.each([
  [
    'what may be done is done, whoever could be asked',
    answer(true, ['act']),
    answer(true, ['ask']),
    'allowed',
    ['act'],
  ],
  ['what may not be done, but be asked for, is put to a person', answer(false), answer(true, ['ask']), 'ask', ['ask']],
  [
    'a forbid on acting leaves the question where asking is permitted',
    answer(false, ['no-rm']),
    answer(true, ['ask']),
    'ask',
    ['ask'],
  ],
  [
    'a forbid on acting denies where asking is not permitted',
    answer(false, ['no-rm']),
    answer(false),
    'denied',
    ['no-rm'],
  ],
  ['two forbids deny, and both are named', answer(false, ['b']), answer(false, ['a']), 'denied', ['a', 'b']],
  ['what nobody permits is denied', answer(false), answer(false), 'denied', []],
])('%s', (_, act, ask, outcome, reasons) => {
  expect(permissionOf({ act, ask })).toEqual({ outcome, reasons, errors: [] })
})

test('an error on either side denies, also where the other side permits', () => {
  const failed = answer(false, [], ['no such attribute'])
  expect(permissionOf({ act: answer(true, ['act']), ask: failed }).outcome).toBe('denied')
  expect(permissionOf({ act: failed, ask: answer(true, ['ask']) })).toEqual({
    outcome: 'denied',
    reasons: [],
    errors: ['no such attribute'],
  })
})
