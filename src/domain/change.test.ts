import { describe, expect, test } from 'vitest'
import type { ChangeState } from './change.ts'
import { changeStatus } from './change.ts'

const THIS = 'a'.repeat(40)
const OTHER = 'b'.repeat(40)
const made = (decision: 'approved' | 'rejected', commit = THIS) => ({ decision, commit })

describe('the status of a change', () => {
  test.each([
    ['no decision was made', [], 'open'],
    ['a person approved', [made('approved')], 'approved'],
    ['a person rejected', [made('rejected')], 'rejected'],
    ['a rejection came after an approval', [made('approved'), made('rejected')], 'rejected'],
    ['an approval came after a rejection', [made('rejected'), made('approved')], 'rejected'],
    ['only another commit was decided on', [made('rejected', OTHER), made('approved', OTHER)], 'open'],
    ['another commit was rejected, this one approved', [made('rejected', OTHER), made('approved')], 'approved'],
  ] as const)('while it is open, when %s', (_name, decisions, status) => {
    expect(changeStatus('open', THIS, decisions)).toBe(status)
  })

  test.each(['merging', 'merged'] as const satisfies ChangeState[])('while it is %s, whatever was decided', (state) => {
    expect(changeStatus(state, THIS, [made('rejected')])).toBe(state)
  })
})
