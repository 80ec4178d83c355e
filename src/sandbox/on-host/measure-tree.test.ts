import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { measureTree } from './measure-tree.ts'
import { removeTree } from './remove-tree.ts'

const BOUNDS = { bytes: 1e9, entries: 10_000, depth: 64 }
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'glovebox-measure-'))
})
afterEach(() => removeTree(folder))

test('counts allocated bytes, a file with two names once, and follows no symlink', async () => {
  mkdirSync(join(folder, 'a'))
  writeFileSync(join(folder, 'a/one'), Buffer.alloc(1_000_000, 1))
  const alone = await measureTree(folder, BOUNDS)
  linkSync(join(folder, 'a/one'), join(folder, 'two'))
  symlinkSync('/usr', join(folder, 'usr'))
  symlinkSync('.', join(folder, 'loop'))
  const size = await measureTree(folder, BOUNDS)
  expect(alone.bytes).toBeGreaterThanOrEqual(1_000_000)
  expect(size.bytes - alone.bytes).toBeLessThan(10_000)
  expect(size.entries).toBe(5)
})

test('a sparse file counts its allocated bytes only', async () => {
  execFileSync('truncate', ['-s', '1G', join(folder, 'sparse')])
  expect((await measureTree(folder, BOUNDS)).bytes).toBeLessThan(100_000)
})

test('a tree nested deeper than PATH_MAX hides nothing', async () => {
  execFileSync(
    'perl',
    ['-e', 'for (1..100) { mkdir "d" x 200; chdir "d" x 200 } open F, ">f"; print F "x" x 1000000'],
    { cwd: folder },
  )
  expect((await measureTree(folder, { ...BOUNDS, depth: 512 })).bytes).toBeGreaterThan(1_000_000)
  expect((await measureTree(folder, BOUNDS)).unbounded).toBe('folders nested 64 deep')
})

test('stops counting at each bound', async () => {
  for (let at = 0; at < 20; at++) writeFileSync(join(folder, `f${at}`), 'x')
  expect((await measureTree(folder, { ...BOUNDS, entries: 10 })).unbounded).toBe('10 files')
  expect((await measureTree(folder, { ...BOUNDS, bytes: 1000 })).entries).toBeLessThan(20)
})

test('counts a file whose name is not UTF-8', async () => {
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe])]), Buffer.alloc(50_000, 1))
  expect((await measureTree(folder, BOUNDS)).bytes).toBeGreaterThan(50_000)
})
