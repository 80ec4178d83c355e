import { chmodSync, existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { edit } from './edit.ts'
import { testFolder } from './try-tool.ts'

test('replaces the text byte for byte and keeps the file mode', async () => {
  using folder = testFolder()
  const path = join(folder.path, 'run.sh')
  writeFileSync(path, '\u{feff}#!/bin/sh\r\necho $1\r\n')
  chmodSync(path, 0o755)
  const outcome = await folder.try(edit, { path: 'run.sh', old_text: 'echo $1', new_text: "printf '$& $1'" })
  expect(outcome).toEqual({
    ok: true,
    text: `Replaced at line 2 of ${path}.`,
    content: [{ type: 'diff', path, oldText: 'echo $1', newText: "printf '$& $1'" }],
  })
  expect(readFileSync(path, 'utf8')).toBe("\u{feff}#!/bin/sh\r\nprintf '$& $1'\r\n")
  expect(statSync(path).mode & 0o777).toBe(0o755)
})

test.each([
  ['is missing', 'abcabc', 'abd', 'is not in'],
  ['occurs twice', 'abcabc', 'abc', 'more than once'],
  ['occurs twice, overlapping', 'aaa', 'aa', 'more than once'],
])('changes nothing when the old text %s', async (_, content, oldText, message) => {
  using folder = testFolder()
  writeFileSync(join(folder.path, 'a'), content)
  const outcome = await folder.try(edit, { path: 'a', old_text: oldText, new_text: '!' })
  expect(outcome).toEqual({ ok: false, text: expect.stringContaining(message) })
  expect(readFileSync(join(folder.path, 'a'), 'utf8')).toBe(content)
})

test('does not change a file that is not UTF-8', async () => {
  using folder = testFolder()
  const bytes = Buffer.from([0xe9, 0x41, 0x0a])
  writeFileSync(join(folder.path, 'latin1'), bytes)
  const outcome = await folder.try(edit, { path: 'latin1', old_text: 'A', new_text: 'B' })
  expect(outcome).toMatchObject({ ok: false, text: expect.stringContaining('not UTF-8') })
  expect(readFileSync(join(folder.path, 'latin1'))).toEqual(bytes)
})

test('an empty old text creates a file and never overwrites one', async () => {
  using folder = testFolder()
  expect((await folder.try(edit, { path: 'x/y/z', old_text: '', new_text: 'new' })).ok).toBe(true)
  const again = await folder.try(edit, { path: 'x/y/z', old_text: '', new_text: 'newer' })
  expect(again).toMatchObject({ ok: false, text: expect.stringContaining('exists already') })
  expect(readFileSync(join(folder.path, 'x/y/z'), 'utf8')).toBe('new')
})

test('writes through a symbolic link and says so, but not through a dangling one', async () => {
  using folder = testFolder()
  using other = testFolder()
  writeFileSync(join(other.path, 'file'), 'old')
  symlinkSync(join(other.path, 'file'), join(folder.path, 'link'))
  symlinkSync(join(other.path, 'missing'), join(folder.path, 'dangling'))
  symlinkSync(other.path, join(folder.path, 'folder'))
  const through = await folder.try(edit, { path: 'link', old_text: 'old', new_text: 'new' })
  expect(through.text).toMatch(/a symbolic link leads to .*, outside of the working directory\]$/)
  expect(readFileSync(join(other.path, 'file'), 'utf8')).toBe('new')
  expect((await folder.try(edit, { path: 'dangling', old_text: '', new_text: 'x' })).ok).toBe(false)
  expect(existsSync(join(other.path, 'missing'))).toBe(false)
  expect((await folder.try(edit, { path: 'folder/created', old_text: '', new_text: 'x' })).text).toMatch(/outside/)
})

test('fails with the path for a folder and for a missing file', async () => {
  using folder = testFolder()
  await expect(folder.try(edit, { path: '.', old_text: 'a', new_text: 'b' })).rejects.toThrow('is a folder')
  await expect(folder.try(edit, { path: 'gone', old_text: 'a', new_text: 'b' })).rejects.toThrow(/ENOENT.*gone/)
})
