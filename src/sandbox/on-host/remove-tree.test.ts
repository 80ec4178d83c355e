import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { removeTree } from './remove-tree.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'glovebox-remove-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('removes closed folders and names that are not UTF-8, and removes links without following them', async () => {
  const outside = join(folder, 'outside')
  writeFileSync(outside, 'stays')
  mkdirSync(join(folder, 'tree/closed'), { recursive: true })
  symlinkSync(outside, join(folder, 'tree/link'))
  symlinkSync(folder, join(folder, 'tree/closed/up'))
  writeFileSync(Buffer.concat([Buffer.from(join(folder, 'tree/')), Buffer.from([0xff, 0xfe])]), '')
  execFileSync('chmod', ['0', join(folder, 'tree/closed')])
  await removeTree(join(folder, 'tree'))
  expect(readdirSync(folder)).toEqual(['outside'])
})

test('continues a removal that a crash interrupted', async () => {
  mkdirSync(join(folder, 'tree.removing/old/deep'), { recursive: true })
  writeFileSync(join(folder, 'tree.removing/old/deep/file'), '')
  mkdirSync(join(folder, 'tree'))
  await removeTree(join(folder, 'tree'))
  expect(readdirSync(folder)).toEqual([])
})

test('does not use memory for each name of a very large folder', async () => {
  const names = 40_000
  const script = 'mkdir "$1" && cd "$1" && seq -f "%0200.0f" "$2" | xargs touch'
  execFileSync('sh', ['-c', script, 'sh', join(folder, 'tree'), String(names)])
  const before = process.memoryUsage.rss()
  let most = before
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5)
  await removeTree(join(folder, 'tree'))
  clearInterval(watch)
  expect(readdirSync(folder)).toEqual([])
  expect(most - before).toBeLessThan(25 * 1024 ** 2)
})
