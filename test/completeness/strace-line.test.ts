// The witness must not pass over what it does not understand.
import { expect, test } from 'vitest'
import { decode, decodeList, parseLine } from './strace-line.ts'

const AT = '1795565093.620808731 '
const hex = (text: string) => text.replace(/[^]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)

test('a call is parted into its arguments, and what it returned is decoded', () => {
  const call = parseLine(
    `${AT}openat(AT_FDCWD<${hex('/workspace')}>, "${hex('a, "b"')}", O_RDONLY|O_CLOEXEC) = 6<${hex('/workspace/a, "b"')}>(deleted)`,
  )
  expect(call).toMatchObject({ name: 'openat', result: 6, error: null, at: 1795565093620808731n })
  expect(call?.returned).toEqual({ text: '/workspace/a, "b"', fd: 6, deleted: true })
  expect(decode(call?.args[0])).toEqual({ text: '/workspace', fd: -100, deleted: false })
  expect(decode(call?.args[1]).text).toBe('a, "b"')
})

test('an argv is decoded whole', () => {
  const call = parseLine(
    `${AT}execve("${hex('/bin/x')}", ["${hex('x')}", "", "${hex(')] = 0')}"], 0x7ff /* 9 vars */) = 0`,
  )
  expect(decodeList(call?.args[1])).toEqual(['x', '', ')] = 0'])
})

test('a call that failed says how, and one that did not return has no result', () => {
  expect(parseLine(`${AT}chdir("${hex('x')}") = -1 ENOENT (No such file or directory)`)).toMatchObject({
    result: -1,
    error: 'ENOENT',
  })
  expect(parseLine(`${AT}unlink("${hex('x')}") = ?`)?.result).toBeNull()
})

test('a program that another thread than the leader executed is told with the number it takes over', () => {
  expect(
    parseLine(`${AT}execve("${hex('/bin/x')}", ["${hex('x')}"], 0x7ff /* 9 vars */ <pid changed to 29305 ...>`),
  ).toMatchObject({ name: 'execve', result: 0, became: 29305 })
})

test('a line that is not understood, an argv that was cut, a list that is none: each is an error', () => {
  expect(() => parseLine('openat(AT_FDCWD, "x", O_RDONLY) = 3')).toThrow('not understood')
  expect(() => parseLine(`${AT}something else`)).toThrow('not understood')
  expect(() => decodeList(`["${hex('x')}", ...]`)).toThrow('not understood')
  expect(() => decodeList('0x7ffd12')).toThrow('not understood')
})
