import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { search } from './search.ts'
import { testFolder } from './try-tool.ts'
import type { TestFolder } from './try-tool.ts'

function fill(folder: TestFolder, files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder.path, name, '..'), { recursive: true })
    writeFileSync(join(folder.path, name), content)
  }
}

test('shows matches with file and line, in order, without .git and node_modules', async () => {
  using folder = testFolder()
  const line = 'const needle = 1\n'
  fill(folder, {
    'b.ts': `\n  ${line}`,
    'a/x.ts': line,
    '.git/config': line,
    'node_modules/p/i.js': line,
    '.env': line,
  })
  expect((await folder.try(search, { pattern: 'needle\\b' })).text).toBe(
    '.env:1: const needle = 1\na/x.ts:1: const needle = 1\nb.ts:2: const needle = 1\n[3 matches in 3 files]',
  )
  expect((await folder.try(search, { pattern: 'needle', path: '.git' })).text).toContain('.git/config:1:')
  expect((await folder.try(search, { pattern: 'NEEDLE', path: 'b.ts', ignore_case: true })).text).toContain(
    '[1 matches in 1',
  )
})

test('a glob matches names, or paths if it contains a slash', async () => {
  using folder = testFolder()
  fill(folder, { 'a.ts': 'x', 'a.js': 'x', 'src/b.ts': 'x' })
  expect((await folder.try(search, { pattern: 'x', glob: '*.ts' })).text).toContain('[2 matches in 2 files]')
  expect((await folder.try(search, { pattern: 'x', glob: 'src/**' })).text).toBe(
    'src/b.ts:1: x\n[1 matches in 1 files]',
  )
})

test('skips binary files and FIFOs and does not follow links', async () => {
  using folder = testFolder()
  fill(folder, { binary: 'x\0x', text: 'x' })
  execFileSync('mkfifo', [join(folder.path, 'pipe')])
  symlinkSync('..', join(folder.path, 'loop'))
  const { text } = await folder.try(search, { pattern: 'x' })
  expect(text).toBe('text:1: x\n[1 matches in 2 files, 1 of them not searched (binary, too large or unreadable)]')
})

test('bounds the number of matches and the length of lines', async () => {
  using folder = testFolder()
  fill(folder, { many: 'x\n'.repeat(10_000), wide: 'y'.repeat(1_000_000) })
  const many = await folder.try(search, { pattern: 'x' })
  expect(many.text.split('\n')).toHaveLength(201)
  expect(many.text).toMatch(/\[200 matches in 1 files; there may be more\]$/)
  expect((await folder.try(search, { pattern: 'y' })).text.length).toBeLessThan(400)
})

test('cancelling ends a pattern that would run for ever', async () => {
  using folder = testFolder()
  fill(folder, { trap: `${'a'.repeat(5_000)}!` })
  const cancelled = new AbortController()
  const found = folder.try(search, { pattern: '^(a|a?)+$' }, cancelled.signal)
  // Far more CPU time than a worker needs to start, so by then it evaluates the pattern.
  const { user } = process.cpuUsage()
  while (process.cpuUsage().user - user < 1_500_000) await sleep(20)
  cancelled.abort()
  expect(await found).toEqual({ ok: false, text: '[cancelled]' })
})

test('reports an invalid pattern and a missing path', async () => {
  using folder = testFolder()
  expect(await folder.try(search, { pattern: '(' })).toMatchObject({ ok: false, text: expect.stringContaining('(') })
  await expect(folder.try(search, { pattern: 'x', path: 'gone' })).rejects.toThrow('ENOENT')
})
