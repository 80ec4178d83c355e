import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { read } from './read.ts'
import { testFolder } from './try-tool.ts'

test('shows lines with their numbers, from the requested line on', async () => {
  using folder = testFolder()
  writeFileSync(join(folder.path, 'a'), 'one\ntwo\nthree\nfour\n')
  expect((await folder.try(read, { path: 'a' })).text).toBe('1\tone\n2\ttwo\n3\tthree\n4\tfour')
  const part = await folder.try(read, { path: 'a', first_line: 2, lines: 2 })
  expect(part.text).toBe('2\ttwo\n3\tthree\n[line 4 of 4 comes next]')
  expect((await folder.try(read, { path: 'a', first_line: 5 })).text).toBe('[the file has 4 lines]')
})

test('shows an empty file, a last line without a line feed, and CRLF', async () => {
  using folder = testFolder()
  writeFileSync(join(folder.path, 'empty'), '')
  writeFileSync(join(folder.path, 'dos'), 'a\r\nb')
  expect((await folder.try(read, { path: 'empty' })).text).toBe('[empty file]')
  expect((await folder.try(read, { path: 'dos' })).text).toBe('1\ta\r\n2\tb')
})

test('cuts long files and long lines and says so', async () => {
  using folder = testFolder()
  writeFileSync(join(folder.path, 'lines'), 'x\n'.repeat(5_000))
  writeFileSync(join(folder.path, 'line'), 'y'.repeat(1_000_000))
  writeFileSync(join(folder.path, 'wide'), `${'z'.repeat(1_900)}\n`.repeat(100))
  expect((await folder.try(read, { path: 'lines' })).text).toMatch(/\n\[line 2001 of 5000 comes next\]$/)
  const { text } = await folder.try(read, { path: 'line' })
  expect(text).toBe(`1\t${'y'.repeat(2_000)} [line cut]`)
  expect((await folder.try(read, { path: 'wide' })).text.length).toBeLessThan(50_000)
})

test('refuses binary files, FIFOs and devices without blocking', async () => {
  using folder = testFolder()
  writeFileSync(join(folder.path, 'binary'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]))
  execFileSync('mkfifo', [join(folder.path, 'pipe')])
  expect(await folder.try(read, { path: 'binary' })).toMatchObject({
    ok: false,
    text: expect.stringContaining('not text'),
  })
  await expect(folder.try(read, { path: 'pipe' })).rejects.toThrow('not a regular file')
  await expect(folder.try(read, { path: '/dev/zero' })).rejects.toThrow('not a regular file')
})

test('reads a file of /proc, whose size is 0', async () => {
  using folder = testFolder()
  expect((await folder.try(read, { path: '/proc/self/comm' })).text).toMatch(/outside[^\n]*\n1\t\S/)
})

test('lists a folder', async () => {
  using folder = testFolder()
  mkdirSync(join(folder.path, 'sub'))
  writeFileSync(join(folder.path, 'b\u001b[2J'), '')
  symlinkSync('sub', join(folder.path, 'link'))
  expect((await folder.try(read, { path: '.' })).text).toBe('b\nlink@\nsub/')
  expect((await folder.try(read, { path: 'sub' })).text).toBe('[empty folder]')
})

test('follows paths and links out of the working directory and says so', async () => {
  using folder = testFolder()
  using other = testFolder()
  writeFileSync(join(other.path, 'secret'), 'no secret')
  symlinkSync(join(other.path, 'secret'), join(folder.path, 'link'))
  const place = `${other.path}/secret`
  expect((await folder.try(read, { path: place })).text).toBe(
    `[${place}, outside of the working directory]\n1\tno secret`,
  )
  expect((await folder.try(read, { path: 'link' })).text).toBe(
    `[a symbolic link leads to ${place}, outside of the working directory]\n1\tno secret`,
  )
})
