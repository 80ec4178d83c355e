import { expect, test } from 'vitest'
import { runShares } from './run-shares.ts'

const MIB = 1024 ** 2
const MACHINE: Readonly<Record<string, string>> = {
  '/proc/sys/net/ipv4/tcp_mem': '287901\t383869\t575802',
  '/proc/sys/kernel/pty/max': '4096',
  '/proc/sys/user/max_inotify_instances': '128',
  '/proc/sys/user/max_inotify_watches': '65536',
}

function shares(memoryMiB: number, machine: Readonly<Record<string, string>> = MACHINE) {
  const limits = { memoryBytes: memoryMiB * MIB, processes: 64, workspaceBytes: MIB }
  return runShares(limits, (path) => machine[path] ?? null)
}

test('sockets get an eighth of the memory, at least what a dev server needs, at most a quarter of the machine’s', () => {
  expect(shares(1024).socketBytes).toBe(128 * MIB)
  expect(shares(16).socketBytes).toBe(8 * MIB)
  expect(shares(1024 ** 2).socketBytes).toBe(562 * MIB)
})

test('a run gets a quarter of what its account may have', () => {
  expect(shares(1024)).toMatchObject({
    terminals: 64,
    userSettings: { max_inotify_instances: 32, max_inotify_watches: 16_384 },
  })
  expect(shares(1024, { ...MACHINE, '/proc/sys/kernel/pty/max': '100' }).terminals).toBe(25)
})

test('leaves out settings that this kernel does not have', () => {
  expect(shares(1024, {})).toEqual({ socketBytes: 128 * MIB, terminals: 64, userSettings: {} })
  expect(shares(1024, { '/proc/sys/user/max_inotify_instances': '1' }).userSettings).toEqual({
    max_inotify_instances: 1,
  })
})
