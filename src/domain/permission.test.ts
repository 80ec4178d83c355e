import { expect, test } from 'vitest'
import { type PermissionAnswer, permissionOf } from './permission.ts'

const answer = (allowed: boolean, reasons: string[] = [], errors: string[] = []): PermissionAnswer => ({
  allowed,
  reasons,
  errors,
})

test.each([
  [
    'a permitted action is allowed, even if asking is permitted too',
    answer(true, ['act']),
    answer(true, ['ask']),
    'allowed',
    ['act'],
  ],
  ['an action that may only be asked for is put to a person', answer(false), answer(true, ['ask']), 'ask', ['ask']],
  [
    'a forbid on acting leads to asking a person if asking is permitted',
    answer(false, ['no-rm']),
    answer(true, ['ask']),
    'ask',
    ['ask'],
  ],
  [
    'a forbid on acting denies if asking is not permitted',
    answer(false, ['no-rm']),
    answer(false),
    'denied',
    ['no-rm'],
  ],
  ['two forbids deny, and both are reasons', answer(false, ['b']), answer(false, ['a']), 'denied', ['a', 'b']],
  ['an action that no policy permits is denied', answer(false), answer(false), 'denied', []],
])('%s', (_, act, ask, outcome, reasons) => {
  expect(permissionOf({ act, ask })).toEqual({ outcome, reasons, errors: [] })
})

test('an error in either answer denies, even if the other answer permits', () => {
  const failed = answer(false, [], ['no such attribute'])
  expect(permissionOf({ act: answer(true, ['act']), ask: failed }).outcome).toBe('denied')
  expect(permissionOf({ act: failed, ask: answer(true, ['ask']) })).toEqual({
    outcome: 'denied',
    reasons: [],
    errors: ['no such attribute'],
  })
})
