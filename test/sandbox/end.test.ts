import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createBubblewrap } from '../../src/sandbox/bubblewrap/create-bubblewrap.ts'
import { removeTree } from '../../src/sandbox/on-host/remove-tree.ts'
import { readRecord } from '../../src/sandbox/on-host/sandbox-record.ts'
import { eventually, livingOf, openBench as openBenchOf, TEST_UIDS, workspaceFile } from './boxes.ts'
import { as, holdSandbox } from './hold.ts'
import { makers } from './makers.ts'

const isRoot = process.getuid?.() === 0

/** Remaining cgroups of the run in every hierarchy. */
function cgroupsOf(run: string): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => / - cgroup2? /.test(line))
  return mounts.map((line) => join(line.split(' ')[4] ?? '', `glovebox-${run}`)).filter((path) => existsSync(path))
}

describe.each(await makers())('$kind', ({ kind, make, containersOf }) => {
  const openBench = (script: string) => openBenchOf(script, {}, make)

  test('destroy() leaves no process, no cgroup, no folder and no uid lock', async () => {
    // Background processes that left the session, ignore signals and keep files open.
    await using bench = await openBench(
      `for i in 1 2 3; do setsid sh -c 'trap "" TERM HUP INT; exec 9>held; sleep 60 & sleep 60' & done; sleep 0.2; echo up > done; sleep 60`,
    )
    const spec = await bench.spec()
    const sandbox = await bench.start(spec)
    await workspaceFile(spec, 'done')
    if (isRoot) {
      expect(livingOf(sandbox.hostUid)).toBeGreaterThan(6)
      if (kind === 'bubblewrap') expect(cgroupsOf(spec.run).length).toBeGreaterThan(0)
      else expect(await containersOf(spec.run)).toHaveLength(1)
    }
    await sandbox.destroy()
    if (isRoot) expect(livingOf(sandbox.hostUid)).toBe(0)
    expect(cgroupsOf(spec.run)).toEqual([])
    expect(await containersOf(spec.run)).toEqual([])
    expect(readdirSync(bench.root)).toEqual([])
    if (isRoot) expect(readdirSync(join(bench.folder, 'uids'))).toEqual([])
    await sandbox.destroy()
    expect((await sandbox.exited).signal).toBe('SIGKILL')
  })

  test('removal does not follow a symlink in the workspace to the host', async () => {
    const precious = mkdtempSync(join(tmpdir(), 'glovebox-precious-'))
    try {
      mkdirSync(join(precious, 'folder'))
      writeFileSync(join(precious, 'folder/file'), 'keep')
      const script = `ln -s ${precious} folder-link; ln -s ${precious}/folder/file file-link; mkdir a; ln -s ${precious}/folder a/b; ln -s . loop; echo up > done; sleep 60`
      await using bench = await openBench(script)
      const spec = await bench.spec()
      const sandbox = await bench.start(spec)
      await workspaceFile(spec, 'done')
      await sandbox.destroy()
      expect(existsSync(spec.directory)).toBe(false)
      expect(readFileSync(join(precious, 'folder/file'), 'utf8')).toBe('keep')
      expect(statSync(precious).mode & 0o777).toBe(0o700)
    } finally {
      await removeTree(precious)
    }
  })

  test('removes a workspace that was built to resist removal', async () => {
    const script = `perl -e 'for (1..300) { mkdir "d" x 200; chdir "d" x 200 } open F, ">deep"; chdir "/workspace"'
mkdir -p closed/inner; echo x > closed/inner/f; chmod 000 closed/inner closed
printf x > "$(printf 'no\\377utf8')"; printf x > "$(printf 'line\\nfeed')"; mkfifo pipe
echo up > done; sleep 60`
    await using bench = await openBench(script)
    const spec = await bench.spec()
    const sandbox = await bench.start(spec)
    await workspaceFile(spec, 'done')
    await sandbox.destroy()
    expect(readdirSync(bench.root)).toEqual([])
  })

  test('the sandbox ends when its guest exits', async () => {
    await using bench = await openBench('sleep 60 & sleep 0.3; exit 7')
    const sandbox = await bench.start()
    expect(await sandbox.exited).toMatchObject({ code: 7 })
    if (isRoot) await eventually(() => livingOf(sandbox.hostUid) === 0, 'the end of its processes', 1000)
  })

  test('notices a guest that was stopped from the host and ends its sandbox', async () => {
    await using bench = await openBench('echo up > done; sleep 60')
    const spec = await bench.spec()
    const sandbox = await bench.start(spec)
    await workspaceFile(spec, 'done')
    process.kill(readRecord(spec.directory)?.processes.at(-1)?.pid ?? 0, 'SIGSTOP')
    expect(await sandbox.recorderStopped).toBe('the guest was stopped by a signal from outside the sandbox')
    expect((await sandbox.exited).signal).toBe('SIGKILL')
    if (isRoot) await eventually(() => livingOf(sandbox.hostUid) === 0, 'the end of its processes')
  })

  test("a sandbox that can't be created says why and leaves nothing behind", async () => {
    await using bench = await openBench('sleep 60')
    const spec = await bench.spec({ readOnlyMounts: [{ source: join(bench.folder, 'absent'), target: '/opt/x' }] })
    await expect(bench.provider.start(spec, new AbortController().signal)).rejects.toMatchObject({
      code: 'start-failed',
      message: expect.stringContaining('absent'),
    })
    expect(cgroupsOf(spec.run)).toEqual([])
    expect(await containersOf(spec.run)).toEqual([])
    expect(existsSync(spec.directory)).toBe(false)
  })

  test('an aborted start leaves nothing behind', async () => {
    await using bench = await openBench('sleep 60')
    const spec = await bench.spec()
    const abort = new AbortController()
    const start = bench.provider.start(spec, abort.signal)
    while (!existsSync(join(spec.directory, 'sandbox.json'))) await nextTurn()
    abort.abort()
    await expect(start).rejects.toThrow()
    expect(cgroupsOf(spec.run)).toEqual([])
    expect(await containersOf(spec.run)).toEqual([])
    expect(existsSync(spec.directory)).toBe(false)
  })

  test.runIf(isRoot)('refuses a folder of another run and does not touch that run', async () => {
    await using bench = await openBench('echo up > done; sleep 60')
    const spec = await bench.spec()
    const sandbox = await bench.start(spec)
    await expect(bench.provider.start({ ...spec, run: `${spec.run}b` }, new AbortController().signal)).rejects.toThrow()
    await expect(
      bench.provider.start({ ...spec, directory: `${spec.directory}b` }, new AbortController().signal),
    ).rejects.toThrow()
    expect(await workspaceFile(spec, 'done')).toBe('up\n')
    if (isRoot) expect(livingOf(sandbox.hostUid)).toBeGreaterThan(0)
  })
})

for (const cgroups of ['auto', 'off']) {
  test(`kill -9 of Glovebox ends the sandbox within a second, and reap() removes the rest (cgroups: ${cgroups})`, async () => {
    const held = await holdSandbox([], { uids: TEST_UIDS, cgroups })
    const provider = createBubblewrap({ guest: '/bin/true', uids: TEST_UIDS })
    await workspaceFile({ directory: join(held.root, held.run) }, 'done')
    if (isRoot) expect(livingOf(held.hostUid)).toBeGreaterThan(2)
    expect(await provider.reap(held.root)).toEqual([]) // its Glovebox process is alive
    const exited = once(held.child, 'exit')
    held.child.kill('SIGKILL')
    await exited
    if (isRoot) await eventually(() => livingOf(held.hostUid) === 0, 'the end of its processes', 1000)
    expect(await provider.reap(held.root)).toEqual([held.run])
    expect(cgroupsOf(held.run)).toEqual([])
    expect(readdirSync(held.root)).toEqual([])
    if (isRoot) expect(readdirSync(join(held.folder, 'uids'))).toEqual([])
    expect(await provider.reap(held.root)).toEqual([])
    await removeTree(held.folder)
  })
}

test.runIf(isRoot)('without root, a sandbox works, ends and leaves nothing behind', async () => {
  const person = 825_001
  const held = await holdSandbox(as(person), {}, '--destroy')
  expect(held.hostUid).toBe(person)
  expect(held.limitsInForce).toMatchObject({
    memory: expect.stringContaining('rlimit'),
    processes: expect.stringContaining('rlimit'),
  })
  const [code] = await once(held.child, 'exit')
  expect(code).toBe(0)
  expect(existsSync(held.folder)).toBe(false)
  expect(livingOf(person)).toBe(0)
})

test.runIf(isRoot)('without root, kill -9 of Glovebox ends the sandbox', async () => {
  const person = 825_002
  const held = await holdSandbox(as(person), {})
  await workspaceFile({ directory: join(held.root, held.run) }, 'done')
  held.child.kill('SIGKILL')
  await eventually(() => livingOf(person) === 0, 'the end of its processes', 1000)
  await removeTree(held.folder)
})

const realGuest = fileURLToPath(new URL('../../build/guest/glovebox-guest', import.meta.url))

test.runIf(isRoot && existsSync(realGuest))('kill -9 of Glovebox ends the real guest too', async () => {
  const held = await holdSandbox([], { uids: TEST_UIDS, guest: realGuest })
  expect(livingOf(held.hostUid)).toBe(2)
  held.child.kill('SIGKILL')
  await eventually(() => livingOf(held.hostUid) === 0, 'the end of its processes', 1000)
  await createBubblewrap({ guest: realGuest, uids: TEST_UIDS }).reap(held.root)
  await removeTree(held.folder)
})
