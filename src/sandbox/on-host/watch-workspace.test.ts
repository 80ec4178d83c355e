// Real folders and processes. Only the free space of the disk is invented, so that the tests do not fill a real disk.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { testFolder } from '../../../test/test-folder.ts'
import { watchWorkspace } from './watch-workspace.ts'
import type { Usage, WatchOptions } from './watch-workspace.ts'

const MIB = 1024 ** 2
const LIMIT = { limitBytes: 8 * MIB, processes: () => [], guest: null, measureClosed: async () => null }

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** The first limit that is hit, or null after `ms` without one. */
async function watched(path: string, given: Partial<WatchOptions>, ms: number): Promise<string | null> {
  const over = new AbortController()
  const hit = Promise.withResolvers<string>()
  void watchWorkspace({ ...LIMIT, path, onHit: hit.resolve, signal: over.signal, ...given })
  const limit = await Promise.race([hit.promise, sleep(ms, null)])
  over.abort()
  return limit
}

test('reports a workspace over its limit, but not one within it', async () => {
  await using folder = await testFolder()
  writeFileSync(join(folder.path, 'a'), Buffer.alloc(4 * MIB, 1))
  expect(await watched(folder.path, {}, 1500)).toBeNull()
  writeFileSync(join(folder.path, 'b'), Buffer.alloc(6 * MIB, 1))
  expect(await watched(folder.path, {}, 10_000)).toBe('workspace limit 8 MiB')
})

test('counts again at once if the disk has grown by more than was left, however long the last count took', async () => {
  await using folder = await testFolder()
  let counts = 0
  let polls = 0
  const limit = await watched(
    folder.path,
    {
      // The first count is slow, as with very many files, and the limit is passed while it works.
      processes() {
        const until = performance.now() + (counts++ === 0 ? 500 : 0)
        while (performance.now() < until);
        if (counts === 1) writeFileSync(join(folder.path, 'a'), Buffer.alloc(10 * MIB, 1))
        return []
      },
      usageOf() {
        if (counts > 0) polls++
        return { bytes: counts * 10 * MIB, totalBytes: 1024 * MIB, availableBytes: 1024 * MIB, freeInodes: 0 }
      },
    },
    30_000,
  )
  expect(limit).toBe('workspace limit 8 MiB')
  // Two watches look ten times a second. A rest of ten times the duration of the count would be 100 looks.
  expect(polls).toBeLessThan(50)
})

describe('while the disk runs short', () => {
  /** A disk of 1 GiB whose used space grows by `used` MiB after the watch began. */
  function disk(used: number, left: number): Pick<WatchOptions, 'usageOf' | 'reserveBytes'> {
    let asked = 0
    const usageOf = (): Usage => {
      const begun = asked++ > 0
      const bytes = begun ? used * MIB : 0
      return { bytes, totalBytes: 1024 * MIB, availableBytes: (begun ? left : 1024) * MIB, freeInodes: 0 }
    }
    return { usageOf, reserveBytes: 5 * MIB }
  }

  /** Pid of a process that has written 6 MiB which counting can't find. */
  async function writer(folder: string): Promise<number> {
    const script = '$| = 1; open F, ">", "x" or die; print F "x" x 6291456; close F; unlink "x"; print "done"; sleep 60'
    const child = spawn('perl', ['-e', script], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    await once(child.stdout, 'data')
    return child.pid!
  }

  test('ends a run that may hold more than is left, but not the run beside it', async () => {
    await using folder = await testFolder()
    const pid = await writer(folder.path)
    const [greedy, modest] = await Promise.all([
      watched(folder.path, { ...disk(50, 4), processes: () => [pid] }, 10_000),
      watched(folder.path, disk(50, 4), 1500),
    ])
    expect(greedy).toBe('workspace limit: the disk has less than 5 MiB left')
    expect(modest).toBeNull()
  })

  test('does not end a run for space that another program used', async () => {
    await using folder = await testFolder()
    const pid = await writer(folder.path)
    // It has grown by less than is left: whatever this run wrote, it is not what fills the disk.
    expect(await watched(folder.path, { ...disk(3, 4), processes: () => [pid] }, 1500)).toBeNull()
  })

  test('ends every run that may have filled the disk when it keeps filling', async () => {
    await using folder = await testFolder()
    expect(await watched(folder.path, disk(50, 2), 10_000)).toBe('workspace limit: the disk has less than 5 MiB left')
    expect(await watched(folder.path, disk(7, 2), 1500)).toBeNull()
  })
})
