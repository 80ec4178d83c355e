// A disk that is too small for what is asked: a file system of its own, in a mount namespace of its own.
import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { finished, openBench, PROJECT } from './glovebox.ts'
import type { Finished } from './glovebox.ts'

const MAY_MOUNT = process.geteuid?.() === 0

const GLOVEBOX = join(PROJECT, 'bin/glovebox')

/** Runs a script for sh with the small disk at $GLOVEBOX_DATA, and the command line as $GLOVEBOX. */
async function onDiskOf(size: string, script: string, ...words: string[]): Promise<Finished> {
  await using bench = await openBench()
  const data = join(bench.folder, 'small')
  await mkdir(data, { mode: 0o711 })
  const mount = 'mount -t tmpfs -o size="$1",mode=711 none "$GLOVEBOX_DATA" || exit 99; shift'
  const argv = ['--mount', 'sh', '-c', `${mount}; ${script}`, 'sh', size, ...words]
  const env = { PATH: process.env['PATH'] ?? '', HOME: bench.folder, NO_COLOR: '1', GLOVEBOX, GLOVEBOX_DATA: data }
  return await finished(spawn('unshare', argv, { cwd: bench.folder, env, timeout: 120_000, killSignal: 'SIGKILL' }))
}

test.runIf(MAY_MOUNT)(
  'a full disk is named with its folder',
  async () => {
    const { code, stderr } = await onDiskOf('256k', 'exec "$GLOVEBOX" runs list')
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
    const { code, stdout } = await onDiskOf('10m', 'exec "$GLOVEBOX" doctor')
    expect(stdout).toMatch(/missing +disk of the data folder +.* of 10\.0 MiB free in .*small -> free 1\.0 GiB there/)
    expect(code).toBe(4)
  },
  90_000,
)

/** Starts a run, fills the disk while the run works, and keeps it full until the command line has ended. */
const FILLED = `
  git init --quiet project && git -C project -c user.name=A -c user.email=a@example.com commit --quiet --allow-empty -m Begin
  "$GLOVEBOX" run --repo project -- sh -c 'sleep 600' >out 2>err & run=$!
  until "$GLOVEBOX" runs list --json | grep -q '"status":"running"' && ls "$GLOVEBOX_DATA"/sandboxes/*/workspace/repo >/dev/null 2>&1; do sleep 0.2; done
  (while :; do cat /dev/zero >>"$GLOVEBOX_DATA/filler" 2>/dev/null; sleep 0.05; done) & filler=$!
  until [ "$(df --output=avail "$GLOVEBOX_DATA" | tail -1)" -eq 0 ]; do sleep 0.1; done
  [ -z "$1" ] || kill -s "$1" $run
  wait $run; echo "ended with $?"; cat err
  kill $filler; wait $filler 2>/dev/null; rm "$GLOVEBOX_DATA/filler"
  "$GLOVEBOX" runs list --json`

test.runIf(MAY_MOUNT).each([
  ['ends by itself with the reason', '', /ended with 4\n[^]*the disk of \S*small\S* is full/],
  ['ends at SIGTERM', 'TERM', /ended with (4|130)\n/],
  ['ends at Ctrl-C', 'INT', /ended with (4|130)\n/],
])('a run whose disk fills up %s, and the next start does not find it at work', async (_, signal, told) => {
  const { stdout } = await onDiskOf('200m', FILLED, signal)
  expect(stdout).toMatch(told)
  expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject([
    // SQLite may still have had room in its own files for the end.
    { status: expect.stringMatching(/^(interrupted|error|failed|cancelled)$/) },
  ])
})
