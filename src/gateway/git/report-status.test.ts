import { expect, test } from 'vitest'
import { reportStatus } from './report-status.ts'

const results = [
  { ref: 'refs/heads/a', refused: null },
  { ref: 'refs/heads/b', refused: 'not\nthis\u0000one' },
]

test('consists of unpack, ok and ng lines, and a flush', () => {
  const report = reportStatus({ unpack: 'ok', results, sideBand: false, messages: ['unseen'] })
  expect(report.toString()).toBe('000eunpack ok\n0014ok refs/heads/a\n0021ng refs/heads/b not this one\n0000')
})

test('sends messages first and wraps the report when a side band is used', () => {
  const report = reportStatus({ unpack: 'ok', results: [], sideBand: true, messages: ['hello'] }).toString('latin1')
  expect(report).toBe('000b\u0002hello\n0017\u0001000eunpack ok\n00000000')
})
