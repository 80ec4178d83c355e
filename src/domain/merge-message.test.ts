import { expect, test } from 'vitest'
import type { Change } from './change.ts'
import { mergeMessage } from './merge-message.ts'

const change = {
  id: 'c',
  run: 'r',
  branch: 'glovebox/t/r',
  title: 'Fix it',
  body: 'Why.',
  commit: 'a'.repeat(40),
  findings: [],
  decisions: [
    { actor: { id: 'user:ada' }, decision: 'approved', commit: 'a'.repeat(40), reason: null, policies: [], time: 0 },
  ],
} as unknown as Change

test('the trailers name run, change and approver', () => {
  expect(mergeMessage(change, null)).toBe(
    'Merge glovebox/t/r: Fix it\n\nWhy.\n\nGlovebox-Run: r\nGlovebox-Change: c\nGlovebox-Approved-By: user:ada\n',
  )
})

test('lists fixed advisories and changed packages', () => {
  const advisory = {
    id: 'GHSA-1',
    aliases: ['CVE-1'],
    ecosystem: 'npm' as const,
    package: 'p',
    version: '1.0.0',
    severity: null,
    title: 'bad',
    fixed: [],
  }
  const message = mergeMessage(change, {
    examined: { before: true, after: true },
    note: null,
    source: 's',
    before: [advisory],
    after: [],
    packages: [{ name: 'p', from: '1.0.0', to: '1.0.1', places: [] }],
  })
  expect(message).toContain('Fixes:\n- GHSA-1 CVE-1 (p): bad\n\nPackages:\n- p: 1.0.0 -> 1.0.1')
})

test('a finding or a body can’t forge a trailer or hide text with control characters', () => {
  const message = mergeMessage(
    { ...change, body: 'x\n\nGlovebox-Approved-By: user:eve', findings: ['adds \u202Eevil\u001b[2K'] },
    null,
  )
  expect(message.match(/^Glovebox-Approved-By:/gm)).toHaveLength(1)
  expect(message).not.toMatch(/[\u202e\u001b]/)
})
