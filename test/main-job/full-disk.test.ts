// A disk that is too small for what is asked: a file system of its own, in a mount namespace of its own.
import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { finished, openBench, PROJECT } from './glovebox.ts'
import type { Finished } from './glovebox.ts'

const MAY_MOUNT = process.geteuid?.() === 0

async function onDiskOf(size: string, ...command: string[]): Promise<Finished> {
  await using bench = await openBench()
  const data = join(bench.folder, 'small')
  await mkdir(data, { mode: 0o700 })
  const script = 'mount -t tmpfs -o size="$1",mode=700 none "$2" || exit 99; shift 2; exec "$@"'
  const argv = [
    '--mount',
    'sh',
    '-c',
    script,
    'sh',
    size,
    data,
    join(PROJECT, 'bin/glovebox'),
    '--data',
    data,
    ...command,
  ]
  const env = { PATH: process.env['PATH'] ?? '', HOME: bench.folder, NO_COLOR: '1' }
  return await finished(spawn('unshare', argv, { cwd: bench.folder, env, timeout: 60_000, killSignal: 'SIGKILL' }))
}

test.runIf(MAY_MOUNT)(
  'a full disk is named with its folder',
  async () => {
    const { code, stderr } = await onDiskOf('256k', 'runs', 'list')
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: expect.stringMatching(/the disk of \S*small is full \(.* of 256\.0 KiB are free\)/),
    })
  },
  90_000,
)

test.runIf(MAY_MOUNT)(
  'the doctor says so before it is full',
  async () => {
    const { code, stdout } = await onDiskOf('10m', 'doctor')
    expect(stdout).toMatch(/missing +disk of the data folder +.* of 10\.0 MiB free in .*small -> free 1\.0 GiB there/)
    expect(code).toBe(4)
  },
  90_000,
)
