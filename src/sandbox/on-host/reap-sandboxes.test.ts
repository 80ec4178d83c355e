import { existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bootId, identify } from './process-table.ts'
import { reapSandboxes } from './reap-sandboxes.ts'
import { removeTree } from './remove-tree.ts'
import { writeRecord } from './sandbox-record.ts'
import type { SandboxRecord } from './sandbox-record.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'glovebox-reap-'))
})
afterEach(() => removeTree(root))

const self = identify(process.pid)!
/** This process's pid with another start time, like a reused pid. */
const dead = { ...self, startTime: '1' }

function leave(run: string, changes: Partial<SandboxRecord>): string {
  const directory = join(root, run)
  mkdirSync(join(directory, 'workspace'), { recursive: true })
  const record = {
    version: 1 as const,
    run,
    bootId: bootId(),
    owner: dead,
    hostUid: 850_000,
    uidLock: null,
    cgroups: [],
    processes: [],
  }
  writeRecord(directory, { ...record, ...changes })
  return directory
}

test('removes leftovers of a crash, of another boot and of a half-started run', async () => {
  leave('crashed', {})
  leave('rebooted', { bootId: 'another', owner: self })
  mkdirSync(join(root, 'half-made/workspace'), { recursive: true })
  mkdirSync(join(root, 'half-removed.removing/7'), { recursive: true })
  expect((await reapSandboxes(root)).toSorted()).toEqual(['crashed', 'half-made', 'half-removed', 'rebooted'])
  expect(readdirSync(root)).toEqual([])
})

test('does not kill a pid that now belongs to another process', async () => {
  leave('reused', { processes: [dead, { pid: process.ppid, startTime: '1' }] })
  expect(await reapSandboxes(root)).toEqual(['reused'])
})

test('does not touch a run whose Glovebox is alive', async () => {
  const directory = leave('living', { owner: self })
  expect(await reapSandboxes(root)).toEqual([])
  expect(existsSync(directory)).toBe(true)
})

test("does not touch a cgroup that is not the run's own", async () => {
  const other = join(root, 'other-cgroup')
  mkdirSync(other)
  writeFileSync(join(other, 'cgroup.procs'), `${process.ppid}\n`)
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-reap-'))
  const directory = join(folder, 'crashed')
  mkdirSync(directory)
  writeRecord(directory, {
    version: 1,
    run: 'crashed',
    bootId: bootId(),
    owner: dead,
    hostUid: 850_000,
    uidLock: null,
    cgroups: [other],
    processes: [],
  })
  expect(await reapSandboxes(folder)).toEqual(['crashed'])
  expect(existsSync(other)).toBe(true)
  await removeTree(folder)
})

test('reports an unreadable record and still removes the other runs', async () => {
  writeFileSync(join(leave('broken', {}), 'sandbox.json'), '{"version":2}')
  leave('crashed', {})
  await expect(reapSandboxes(root)).rejects.toMatchObject({ code: 'not-ended' })
  expect(readdirSync(root)).toEqual(['broken'])
})

test('does not follow a symlink among the runs', async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'glovebox-elsewhere-'))
  symlinkSync(elsewhere, join(root, 'link'))
  expect(await reapSandboxes(root)).toEqual([])
  expect(existsSync(elsewhere)).toBe(true)
  await removeTree(elsewhere)
})

test('a missing folder has nothing to reap', async () => {
  expect(await reapSandboxes(join(root, 'absent'))).toEqual([])
})
