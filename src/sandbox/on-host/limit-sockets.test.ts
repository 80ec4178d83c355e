import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testFolder } from '../../../test/test-folder.ts'
import { limitSockets } from './limit-sockets.ts'

const FILE = 'memory.kmem.tcp.limit_in_bytes'

test('version 1 gets a separate limit, version 2 counts socket buffers with the memory', async () => {
  await using folder = await testFolder()
  const directory = folder.path
  await writeFile(join(directory, FILE), '9223372036854771712')
  expect(await limitSockets({ version: 1, directory }, 1000)).toBe('cgroup-v1 1000 bytes of TCP and UDP')
  expect(await readFile(join(directory, FILE), 'utf8')).toBe('1000')
  expect(await limitSockets({ version: 2, directory }, 1000)).toBe('cgroup-v2 with the memory')
})

test('reports no limit for a kernel without it and for a removed cgroup', async () => {
  await using folder = await testFolder()
  expect(await limitSockets({ version: 1, directory: folder.path }, 1000)).toBeNull()
  expect(await limitSockets({ version: 1, directory: join(folder.path, 'gone') }, 1000)).toBeNull()
})

test('rejects on any other error', async () => {
  await using folder = await testFolder()
  await mkdir(join(folder.path, FILE))
  await expect(limitSockets({ version: 1, directory: folder.path }, 1000)).rejects.toThrow(/EISDIR/)
})
