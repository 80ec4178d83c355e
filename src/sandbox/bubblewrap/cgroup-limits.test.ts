// Limits written into plain folders that stand for cgroups of both versions, and the report about them.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testFolder } from '../../../test/test-folder.ts'
import { cgroupDirectories, createCgroups } from './cgroup-limits.ts'

const LIMITS = { memoryBytes: 1_000_000, processes: 50, workspaceBytes: 1 }

test('version 2: one folder holds all limits, and swap is forbidden where the kernel counts it', async () => {
  await using folder = await testFolder()
  const parent = { version: 2 as const, directory: folder.path }
  const parents = { memory: parent, pids: parent, cpu: parent }
  const own = join(folder.path, 'glovebox-r1')
  expect(cgroupDirectories(parents, 'r1')).toEqual([own])
  const cgroups = createCgroups(parents, 'r1', LIMITS)
  expect(cgroups.inForce).toEqual({
    memory: 'cgroup-v2 1000000 bytes, swap not counted',
    processes: 'cgroup-v2 50 processes and threads',
    cpu: 'cgroup-v2 weight 100 for all its processes together',
  })
  expect(cgroups.memory).toEqual({ version: 2, directory: own })
  expect(await readFile(join(own, 'memory.max'), 'utf8')).toBe('1000000')
  expect(cgroups.hits()).toEqual([])
  await writeFile(join(own, 'memory.events'), 'low 0\nmax 3\noom_kill 1\n')
  await writeFile(join(own, 'pids.events'), 'max 2\n')
  expect(cgroups.hits()).toEqual(['memory limit 1000000 bytes', 'process limit 50'])
})

test('version 1: each controller has its own folder', async () => {
  await using folder = await testFolder()
  const at = async (name: string) => {
    await mkdir(join(folder.path, name))
    return { version: 1 as const, directory: join(folder.path, name) }
  }
  const parents = { memory: await at('memory'), pids: await at('pids'), cpu: null }
  expect(createCgroups(parents, 'r1', LIMITS)).toMatchObject({
    directories: [join(folder.path, 'memory/glovebox-r1'), join(folder.path, 'pids/glovebox-r1')],
    memory: { version: 1, directory: join(folder.path, 'memory/glovebox-r1') },
    inForce: { processes: 'cgroup-v1 50 processes and threads' },
  })
})

test('without cgroups no limit is in force', () => {
  expect(createCgroups({ memory: null, pids: null, cpu: null }, 'r1', LIMITS)).toMatchObject({
    inForce: {},
    memory: null,
    directories: [],
  })
})
