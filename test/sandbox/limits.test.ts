import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { locateCgroup } from '../../src/sandbox/docker/container-cgroups.ts'
import { processesOfUid } from '../../src/sandbox/on-host/process-table.ts'
import { IS_ROOT, LIMITS_ARE_NAMED } from '../machine.ts'
import { LIMITS, openBench as openBenchOf, workspaceFile } from './boxes.ts'
import { makers } from './makers.ts'

const MIB = 1024 ** 2

describe.each(await makers())('$kind', ({ kind, make }) => {
  const openBench = (script: string, options = {}) => openBenchOf(script, options, make)

  test.runIf(LIMITS_ARE_NAMED)('a fork bomb stops at the process limit, and the limit is named', async () => {
    // Also bounded by itself, in case the limit fails.
    await using bench = await openBench(
      `perl -e 'for (1..200) { my $p = fork; if (!defined $p) { print STDERR "no fork"; last } if ($p == 0) { sleep 30; exit } $n++ } open F, ">/workspace/forks"; print F $n; close F; sleep 30'`,
    )
    const spec = await bench.spec()
    const sandbox = await bench.start(spec)
    expect(Number(await workspaceFile(spec, 'forks'))).toBeLessThan(64)
    expect(await sandbox.limitsHit()).toEqual(['process limit 64'])
    await sandbox.destroy()
    expect(await sandbox.limitsHit()).toEqual(['process limit 64'])
  })

  test.runIf(LIMITS_ARE_NAMED)('ends a memory bomb and names the limit', async () => {
    await using bench = await openBench(
      `perl -e '$x = "a" x (600 * 1024 * 1024); print length $x' >/workspace/out 2>&1; echo $? > /workspace/code; sleep 30`,
    )
    const spec = await bench.spec({ limits: { ...LIMITS, memoryBytes: 128 * MIB } })
    const sandbox = await bench.start(spec)
    expect(await workspaceFile(spec, 'code')).toBe('137\n')
    expect(await sandbox.limitsHit()).toEqual(['memory limit 128 MiB'])
  })

  test('counts memory in /tmp', async () => {
    await using bench = await openBench('head -c 200000000 /dev/zero > /tmp/a; echo $? > /workspace/code; sleep 30')
    const spec = await bench.spec({ limits: { ...LIMITS, memoryBytes: 64 * MIB } })
    const sandbox = await bench.start(spec)
    await workspaceFile(spec, 'code')
    expect(await workspaceFile(spec, 'code')).not.toBe('0\n')
    await sandbox.destroy()
  })

  test('ends a sandbox with a workspace over its limit and names the limit', async () => {
    await using bench = await openBench(
      'i=0; while [ $i -lt 100 ]; do head -c 1000000 /dev/urandom > f$i; i=$((i+1)); sleep 0.01; done; sleep 60',
    )
    const sandbox = await bench.start({ limits: { ...LIMITS, workspaceBytes: 16 * MIB } })
    await sandbox.exited
    expect(await sandbox.limitsHit()).toEqual(['workspace limit 16 MiB'])
  })

  test("a single file can't grow past the workspace limit", async () => {
    await using bench = await openBench('head -c 30000000 /dev/zero > big; stat -c %s big > size; sleep 60')
    const spec = await bench.spec({ limits: { ...LIMITS, workspaceBytes: 16 * MIB } })
    await bench.start(spec)
    const size = await workspaceFile(spec, 'size')
    expect(Number(size)).toBeLessThanOrEqual(16 * MIB)
  })

  test('names the mechanism of each limit', async () => {
    await using bench = await openBench('sleep 60')
    const sandbox = await bench.start()
    const inForce = await sandbox.limitsInForce
    const weighed = inForce['cpu'] === undefined ? [] : ['cpu']
    const pools = ['file watches', 'kernel pools', 'open files', 'socket buffers', 'terminals']
    expect(Object.keys(inForce).toSorted()).toEqual(
      [...weighed, ...pools, 'memory', 'processes', 'workspace'].toSorted(),
    )
    expect(inForce['memory']).toMatch(
      kind === 'docker' ? /^docker cgroup-v[12] 268435456 bytes/ : /^(cgroup-v[12]|rlimit) 268435456 bytes/,
    )
  })

  test.runIf(kind === 'bubblewrap')('without cgroups, rlimits hold, and coverage says so', async () => {
    const script = `perl -e 'for (1..200) { my $p = fork; if (!defined $p) { last } if ($p == 0) { sleep 30; exit } $n++ } open F, ">/workspace/forks"; print F $n; close F; kill 9, -1'
perl -e '$x = "a" x (600 * 1024 * 1024); print length $x' >/dev/null 2>&1; echo $? > /workspace/code; sleep 30`
    await using bench = await openBench(script, { cgroups: 'off' })
    const spec = await bench.spec({ limits: { ...LIMITS, memoryBytes: 128 * MIB } })
    const sandbox = await bench.start(spec)
    expect(await sandbox.limitsInForce).toMatchObject({
      memory: expect.stringContaining('for each process'),
      processes: 'rlimit 64 processes and threads',
    })
    expect(Number(await workspaceFile(spec, 'forks'))).toBeLessThan(64)
    expect(await workspaceFile(spec, 'code')).not.toBe('0\n')
    await sandbox.destroy()
  })

  test.runIf(LIMITS_ARE_NAMED)(
    'space that removed files still take, because they are open, counts as well',
    async () => {
      await using bench = await openBench(
        `perl -e 'for (1..6) { open my $f, ">", "f$_" or die; push @held, $f; print $f "x" x 8000000; $f->flush; unlink "f$_"; select undef, undef, undef, 0.3 } sleep 60'`,
      )
      const sandbox = await bench.start({ limits: { ...LIMITS, workspaceBytes: 16 * MIB } })
      await sandbox.exited
      expect(await sandbox.limitsHit()).toEqual(['workspace limit 16 MiB'])
    },
  )

  test.runIf(IS_ROOT)('busy processes in separate sessions share one CPU weight', async (ctx) => {
    const busy = `perl -MPOSIX -e 'for (1..20) { next if fork; POSIX::setsid(); 1 while 1 } open F, ">/workspace/busy"; print F "yes"; close F; sleep 30'`
    await using bench = await openBench(busy)
    const spec = await bench.spec({ limits: { ...LIMITS, processes: 128 } })
    const sandbox = await bench.start(spec)
    await workspaceFile(spec, 'busy')
    if ((await sandbox.limitsInForce)['cpu'] === undefined) ctx.skip('this machine has no cgroup for processors')
    const cgroupOf = (pid: number | 'self') =>
      locateCgroup('cpu', readFileSync('/proc/self/mountinfo', 'utf8'), readFileSync(`/proc/${pid}/cgroup`, 'utf8'))
    const inside = processesOfUid(sandbox.hostUid).map(({ pid }) => cgroupOf(pid))
    expect(inside.length).toBeGreaterThan(20)
    expect(new Set(inside.map((cgroup) => cgroup?.directory)).size).toBe(1)
    const [one] = inside
    expect(one?.directory).not.toBe(cgroupOf('self')?.directory)
    const weight = one?.version === 2 ? 'cpu.weight' : 'cpu.shares'
    expect(Number(readFileSync(join(one?.directory ?? '', weight), 'utf8'))).toBeLessThanOrEqual(1024)
  })
})
