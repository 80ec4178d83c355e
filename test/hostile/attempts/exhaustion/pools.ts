// Attempts on kernel pools of the whole machine, or of one account, that no cgroup counts.
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'
import { refused } from '../../expectations.ts'
import { besideNeighbour } from './neighbour.ts'

const FILTER = 'system call filter'

export const REFUSED_POOLS: readonly Attempt[] = [
  refused({
    id: 'socket-filters',
    group: 'exhaustion',
    tries: 'make the kernel compile BPF filters for sockets, until no program can install a system call filter',
    wall: FILTER,
    invariant: 0,
    run: 'pools socket-filters',
    names: [
      'filter of a UDP socket',
      'filter of a unix socket',
      'filter of a netlink socket',
      'filter that spreads connections',
      'program of a socket',
      'program that spreads connections',
    ],
  }),
  refused({
    id: 'own-filters',
    group: 'exhaustion',
    tries: 'do the same with its own system call filters',
    wall: FILTER,
    invariant: 0,
    run: 'pools own-filters',
    names: ['by seccomp', 'for all threads', 'by prctl'],
  }),
  refused({
    id: 'io-contexts',
    group: 'exhaustion',
    tries: 'use up the asynchronous I/O requests of the machine (`fs.aio-max-nr`)',
    wall: FILTER,
    invariant: 0,
    run: 'pools io-contexts',
    names: ['io_setup'],
  }),
  refused({
    id: 'flow-labels',
    group: 'exhaustion',
    tries: 'use up the 4,096 IPv6 flow labels of the machine',
    wall: FILTER,
    invariant: 0,
    run: 'pools flow-labels',
    names: ['flow label'],
  }),
  refused({
    id: 'reserved-blocks',
    group: 'exhaustion',
    tries:
      'reserve blocks of the disk, hundreds of GiB a second, also past the end of a file, where the size does not show them',
    wall: FILTER,
    invariant: 0,
    run: 'pools reserve',
    names: [
      'blocks of a file',
      'blocks past its end',
      'zeros past its end',
      'by the ioctl of XFS',
      'by its older one',
      'zeros by ioctl',
    ],
  }),
  refused({
    id: 'huge-pages',
    group: 'exhaustion',
    tries: 'use up the huge pages that an administrator set aside',
    wall: FILTER,
    invariant: 0,
    run: 'pools huge-pages',
    names: ['memory', 'memory file', 'shared memory'],
  }),
]

/** If cgroups count the buffers, the kernel keeps them small; otherwise the run ends. */
const SOCKET_LIMIT = /^socket buffer limit 32 MiB$/

export const POOL_ATTEMPTS: readonly Attempt[] = [
  besideNeighbour({
    id: 'terminals',
    tries: 'open 200 pseudo-terminals of the `kernel.pty.max` that the whole machine shares',
    wall: 'limit on terminals in its own devpts',
    invariant: 0,
    script: '/opt/hostile/pools terminals 200',
    verify({ stdout }) {
      expect(stdout).toBe('terminals: 64\n')
    },
  }),
  besideNeighbour({
    id: 'file-watches',
    tries: 'use up the inotify instances of the account',
    wall: 'separate user id or user namespace',
    invariant: 0,
    script: '/opt/hostile/pools watches',
    verify({ stdout }) {
      expect(Number(/^watches: (\d+)$/m.exec(stdout)?.[1])).toBeLessThan(1000)
    },
  }),
  besideNeighbour({
    id: 'udp-buffers',
    tries: 'leave 64 MiB in UDP sockets, which cgroup v1 does not count as memory',
    wall: 'limit on socket buffers',
    invariant: 0,
    script: '/opt/hostile/pools udp 64 33',
    verify({ stdout, run }) {
      expect(stdout).not.toContain('GOT THROUGH')
      if (run.status === 'failed') expect(run.reason).toMatch(SOCKET_LIMIT)
      else expect(stdout).toMatch(/^udp: \d+ MiB wait\n$/)
    },
  }),
  besideNeighbour({
    id: 'tcp-buffers',
    tries: 'leave 64 MiB in TCP connections that nobody reads, which cgroup v1 does not count as memory',
    wall: 'limit on socket buffers',
    invariant: 0,
    script: '/opt/hostile/pools tcp 64 33',
    verify({ stdout, run }) {
      expect(stdout).not.toContain('GOT THROUGH')
      if (run.status === 'failed') expect(run.reason).toMatch(SOCKET_LIMIT)
      else expect(stdout).toMatch(/^tcp: \d+ MiB wait\n$/)
    },
  }),
  besideNeighbour({
    id: 'netlink-buffers',
    tries: 'leave 64 MiB of the kernel’s own answers in netlink sockets, which no cgroup counts',
    wall: 'limit on socket buffers',
    invariant: 0,
    script: '/opt/hostile/pools netlink 64',
    verify({ stdout, run }) {
      expect(stdout).not.toContain('GOT THROUGH')
      expect(run).toMatchObject({ status: 'failed', reason: expect.stringMatching(SOCKET_LIMIT) as string })
    },
  }),
  {
    id: 'lease',
    group: 'exhaustion',
    tries: 'hold a lease on a file, so that everyone who opens it, such as the guest, waits for 45 seconds',
    wall: FILTER,
    invariant: 7,
    script: `/usr/bin/perl -e 'open my $f, "<", "README.md" or die; print fcntl($f, 1024, 0) ? "GOT THROUGH\\n" : "refused\\n"; $| = 1; sleep 2' & sleep 0.5; echo more >> README.md; wait; echo written`,
    verify({ stdout, of }) {
      expect(stdout).toBe('refused\nwritten\n')
      expect(of('step.finished').find(({ body }) => body.step === 1)?.body.wallMs).toBeLessThan(30_000)
    },
  },
]
