import { describe, expect, test } from 'vitest'
import { formatBytes } from '../domain/format-bytes.ts'
import { explainFullDisk, freeSpace } from './full-disk.ts'
import { probeDisk, probeOpenFiles } from './probe-disk.ts'

describe('a full disk is recognised', () => {
  test.each([
    ['of a write', Object.assign(new Error('write'), { code: 'ENOSPC' })],
    ['of a quota', Object.assign(new Error('write'), { code: 'EDQUOT' })],
    ['of the database', Object.assign(new Error('x'), { errcode: 13 })],
    ['of git', Object.assign(new Error('git fetch failed'), { stderr: 'fatal: write error: No space left on device' })],
    [
      'as the cause of another',
      new Error('could not be recorded', { cause: Object.assign(new Error('x'), { errcode: 13 }) }),
    ],
  ])('from the error %s, and named with its folder', (_, error) => {
    expect(explainFullDisk(error, ['/nowhere/deeper', '/'])).toMatch(/^the disk of \/ is full \(.* of .* are free\): /)
  })

  test('from no other error', () => {
    for (const error of [
      new Error('no space for jokes'),
      Object.assign(new Error('x'), { errcode: 5 }),
      'ENOSPC',
      null,
    ])
      expect(explainFullDisk(error, ['/'])).toBe(null)
  })
})

test('free space is that of the disk that the folder is on', () => {
  expect(freeSpace('/')).toMatchObject({ folder: '/', total: expect.toSatisfy((bytes: number) => bytes > 1024 ** 2) })
  expect(freeSpace('/no/such/folder')).toBe(null)
})

test('the doctor names each disk once, and too few open files with the cure', () => {
  const names = (sandboxes: string) => probeDisk({ data: '/', sandboxes, temporary: '/' }).map(({ name }) => name)
  expect(names('/elsewhere')).toContain('disk of the sandboxes')
  expect(probeDisk({ data: '/data', sandboxes: '/data/sandboxes', temporary: '/' })).toHaveLength(3)
  const limits = (soft: string) =>
    `Limit  Soft Limit  Hard Limit  Units\nMax open files            ${soft}                 4096  files\n`
  expect(probeOpenFiles(limits('1024'))).toMatchObject({ found: false, cure: expect.stringContaining('ulimit -n') })
  expect(probeOpenFiles(limits('65536')).found).toBe(true)
  expect(probeOpenFiles(limits('unlimited')).found).toBe(true)
})

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [200 * 1024 ** 3, '200.0 GiB'],
])('%i bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))
