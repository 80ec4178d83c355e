import { expect, test } from 'vitest'
import { encodeRead, encodeRun } from './encode-request.ts'

const COMMAND = { step: 1, argv: ['true'], env: {}, cwd: '/', outputLimit: 1, record: true }

test.each([
  ['NUL in an argument', { argv: ['a\0b'] }],
  ['NUL in a variable', { env: { A: 'x\0B=y' } }],
  ['a variable without a name', { env: { '': 'x' } }],
  ['a variable whose name holds an equals sign', { env: { 'A=B': 'x' } }],
  ['no program', { argv: [] }],
  ['an empty program', { argv: [''] }],
  ['a relative folder', { cwd: 'workspace' }],
  ['a negative limit', { outputLimit: -1 }],
  ['a step index that is not a whole number', { step: 1.5 }],
  ['too many arguments', { argv: Array.from({ length: 4097 }, () => 'x') }],
  ['more than a frame holds', { argv: ['x'.repeat(1 << 20)] }],
])('refuses %s before it reaches the guest', (_what, change) => {
  expect(() => encodeRun({ ...COMMAND, ...change })).toThrow(expect.objectContaining({ code: 'invalid' }))
})

test('reads a file only by an absolute path and with a size limit', () => {
  expect(() => encodeRead('etc/passwd', 1)).toThrow(expect.objectContaining({ code: 'invalid' }))
  expect(() => encodeRead('/etc/passwd', Infinity)).toThrow(expect.objectContaining({ code: 'invalid' }))
})
