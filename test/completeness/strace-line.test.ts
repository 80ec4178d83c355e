// The parser of strace's log must reject every line that it cannot parse.
import { expect, test } from 'vitest'
import { decode, decodeList, parseLine } from './strace-line.ts'

const AT = '1795565093.620808731 '
const hex = (text: string) => text.replace(/[^]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)

test('splits a call into its arguments and decodes its result', () => {
  const call = parseLine(
    `${AT}openat(AT_FDCWD<${hex('/workspace')}>, "${hex('a, "b"')}", O_RDONLY|O_CLOEXEC) = 6<${hex('/workspace/a, "b"')}>(deleted)`,
  )
  expect(call).toMatchObject({ name: 'openat', result: 6, error: null, at: 1795565093620808731n })
  expect(call?.returned).toEqual({ text: '/workspace/a, "b"', fd: 6, deleted: true })
  expect(decode(call?.args[0])).toEqual({ text: '/workspace', fd: -100, deleted: false })
  expect(decode(call?.args[1]).text).toBe('a, "b"')
})

test('decodes a complete argv', () => {
  const call = parseLine(
    `${AT}execve("${hex('/bin/x')}", ["${hex('x')}", "", "${hex(')] = 0')}"], 0x7ff /* 9 vars */) = 0`,
  )
  expect(decodeList(call?.args[1])).toEqual(['x', '', ')] = 0'])
})

test('decodes the error of a failed call, and gives no result for one that did not return', () => {
  expect(parseLine(`${AT}chdir("${hex('x')}") = -1 ENOENT (No such file or directory)`)).toMatchObject({
    result: -1,
    error: 'ENOENT',
  })
  expect(parseLine(`${AT}unlink("${hex('x')}") = ?`)?.result).toBeNull()
})

test('decodes the id that a thread takes over when it executes a program', () => {
  expect(
    parseLine(`${AT}execve("${hex('/bin/x')}", ["${hex('x')}"], 0x7ff /* 9 vars */ <pid changed to 29305 ...>`),
  ).toMatchObject({ name: 'execve', result: 0, became: 29305 })
})

test('rejects an unknown line, a cut argv and a malformed list', () => {
  expect(() => parseLine('openat(AT_FDCWD, "x", O_RDONLY) = 3')).toThrow('not understood')
  expect(() => parseLine(`${AT}something else`)).toThrow('not understood')
  expect(() => decodeList(`["${hex('x')}", ...]`)).toThrow('not understood')
  expect(() => decodeList('0x7ffd12')).toThrow('not understood')
})
