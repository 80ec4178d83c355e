import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BINARIES, buildGuest } from './build-guest.ts'
import { argvs, files } from './read-reports.ts'
import { run, sh, startGuest } from './start-guest.ts'
import type { Guest } from '../../src/sandbox/types.ts'
import type { GuestUnderTest } from './start-guest.ts'

// What must work in spite of the filter; everything else that attacks.c tries must be refused.
const ALLOWED = [
  'own-affinity',
  'own-affinity-by-number',
  'own-priority',
  'own-priority-by-number',
  'own-group',
  'own-io-priority',
  'netlink-route',
  'socket-inet',
  'socket-unix',
  'write',
  'punch-hole',
  'no-lease',
  'fcntl',
  'socket-option',
  'socket-option-of-ipv6',
  'socket-tcp',
  'socket-udp',
  'socket-pair',
  'memory',
  'memory-file',
  'shared-memory',
  'filter-mode',
  'strict-mode-is-there',
]
// A guest that is told of it does it; the filter alone can't tell memory from a disk.
const ALLOWED_WHEN_RECORDED = ['reserve-memory', 'reserve-memory-past-the-end']
const UNKNOWN = ['clone3', 'unknown-call', 'minus-one', 'aio']
// Refused as a kernel or a file system without the thing does it, so that programs do without.
const ABSENT: Readonly<Record<string, readonly string[]>> = {
  EINVAL: ['listener', 'own-filter', 'own-filter-by-prctl'],
  EOPNOTSUPP: [
    'reserve',
    'reserve-past-the-end',
    'reserve-zeros',
    'reserve-unshared',
    'reserve-by-ioctl',
    'reserve-by-old-ioctl',
    'zeros-by-ioctl',
    'subvolume',
  ],
  ENOMEM: ['huge-pages', 'huge-memory-file', 'huge-shared-memory'],
  EPROTONOSUPPORT: ['sctp', 'l2tp'],
}

beforeAll(buildGuest, 300_000)

describe.each(BINARIES)('%s: attacks', (binary) => {
  let box: GuestUnderTest
  beforeAll(async () => {
    box = await startGuest({ binary })
    await sh(box.guest, 'echo secret > secret')
  })
  afterAll(async () => {
    expect((await box.guest.coverage()).dropped).toBe(0)
    await box[Symbol.asyncDispose]()
    expect(box.complaints()).toBe('')
  })

  test.each([true, false])('what could reach the guest or the kernel is refused (recorded: %s)', (record) =>
    expectRefused(box.guest, record),
  )

  test.each([true, false])(
    'and so it is where the guest holds no capability that steps lack (recorded: %s)',
    async (record) => {
      await using weak = await startGuest({ binary, ptrace: false })
      await expectRefused(weak.guest, record)
    },
  )

  test('no core dump reaches a program of the host: the limit is 1, which stops pipes, too', async () => {
    const { stdout } = await sh(box.guest, 'ulimit -c 0 2>/dev/null; grep "core file" /proc/self/limits')
    expect(stdout).toMatch(/Max core file size\s+1\s+1\s/)
  })

  test.runIf(process.arch === 'x64').each(['x32', 'i386'])(
    'a system call of the %s ABI kills the process',
    async (abi) => {
      expect(await run(box.guest, ['/run/glovebox/programs/attacks', abi])).toMatchObject({ code: null, signal: 31 })
    },
  )

  test.each(['undumpable', 'limits', 'openat2', 'page-border', 'page-end', 'own-table'])(
    'a read hidden by %s is on the record',
    async (how) => {
      const { reports, stdout } = await run(box.guest, ['/run/glovebox/programs/hides', how])
      expect(stdout).toBe('secret\n')
      expect(files(reports).read).toEqual(['/workspace/secret'])
    },
  )

  test.each(['untraced', 'secret-memory'])('hiding by %s is refused', async (how) => {
    const { reports, stdout, code } = await run(box.guest, ['/run/glovebox/programs/hides', how])
    expect({ stdout, code, read: files(reports).read }).toEqual({ stdout: '', code: 2, read: [] })
  })

  test('interrupting the guest without end hides nothing', async () => {
    const { reports } = await run(box.guest, ['/run/glovebox/programs/hides', 'interrupting'])
    expect(files(reports).created).toHaveLength(3000)
  }, 60_000)

  test('killing everything leaves the guest alive and the step accounted for', async () => {
    const { reports, signal } = await sh(box.guest, 'sleep 1000 & kill -9 -1; exit 0')
    expect(signal === null || signal === 9).toBe(true)
    expect(argvs(reports).length).toBeGreaterThan(0)
    expect((await sh(box.guest, 'echo alive')).stdout).toBe('alive\n')
  })

  test('connects are on the record, each address once with its count', async () => {
    const script =
      'for _ in range(3):\n import socket; socket.socket().connect_ex(("127.0.0.1", 9))\nsocket.socket(socket.AF_UNIX).connect_ex("/tmp/none")\nsocket.socket(socket.AF_INET6).connect_ex(("2001:db8::1", 443))\nsocket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 53))'
    const { reports } = await run(box.guest, ['/usr/bin/python3', '-c', script])
    const attempts = reports.flatMap((report) =>
      report.kind === 'net.attempted'
        ? [[report.family, Buffer.from(report.address).toString(), report.port, report.times]]
        : [],
    )
    expect(attempts).toEqual([
      ['inet', '127.0.0.1', 9, 3],
      ['unix', '/tmp/none', 0, 1],
      ['inet6', '2001:db8::1', 443, 1],
      ['inet', '127.0.0.1', 53, 1],
    ])
  })

  test('the self-test passes, and every check can be named', async () => {
    const checks = await box.guest.selfTest()
    expect(checks.filter(({ passed }) => !passed)).toEqual([])
    expect(checks.map(({ check }) => check)).toContain('no route')
    expect(checks).toHaveLength(13)
  })
})

async function expectRefused(guest: Guest, record: boolean): Promise<void> {
  const { stdout, code } = await run(guest, ['/run/glovebox/programs/attacks'], { record })
  expect(code).toBe(0)
  const results = Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ')),
  )
  const names = Object.keys(results)
  expect(names.length).toBeGreaterThan(45)
  const inMemory = (name: string) => ALLOWED_WHEN_RECORDED.includes(name)
  expect(names.filter((name) => results[name] === '0' && !inMemory(name))).toEqual(ALLOWED)
  expect(names.filter(inMemory).map((name) => results[name])).toEqual(
    ALLOWED_WHEN_RECORDED.map(() => (record ? '0' : 'EOPNOTSUPP')),
  )
  expect(names.filter((name) => results[name] === 'ENOSYS')).toEqual(UNKNOWN)
  for (const [error, absent] of Object.entries(ABSENT))
    expect(names.filter((name) => results[name] === error && !inMemory(name))).toEqual(absent)
  const others = [...ALLOWED, ...ALLOWED_WHEN_RECORDED, ...UNKNOWN, ...Object.values(ABSENT).flat()]
  const bySeccomp = names.filter(
    (name) => !/^(open-guest|list-guest|write-guest|dial-link)/.test(name) && !others.includes(name),
  )
  expect(bySeccomp.filter((name) => results[name] !== 'EPERM')).toEqual([])
  // The guest was sent every signal, too.
  expect((await sh(guest, 'echo alive', { record })).stdout).toBe('alive\n')
}
