// Attempts on the guest, PID 1: who controls it controls the record.
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'
import { expectRefused, refused, startedArgvs } from '../../expectations.ts'

const TRACING = ['attach', 'seize', 'process_vm_readv', 'process_vm_writev', 'pidfd_getfd']
/** Files under `/proc/1` that would reveal secrets of the guest. */
const OF_THE_GUEST = [
  'mem',
  'environ',
  'maps',
  'auxv',
  'stack',
  'syscall',
  'root/etc/passwd',
  'cwd/x',
  'exe',
  'fd/1',
  'fd/3',
]

const STARVING = [
  'sched_setscheduler',
  'sched_setattr',
  'sched_setparam',
  'setpriority',
  'setpriority of its group',
  'setpriority of its user',
  'setpriority of the own user',
  'sched_setaffinity',
  'ioprio_set',
  'ioprio_set of its group',
  'ioprio_set of its user',
  'ioprio_set of the own user',
  'prlimit',
  'autogroup',
  'timer slack',
  'timer slack of a thread',
  'core scheduling',
  'move_pages',
  'migrate_pages',
  'process_madvise',
  'process_mrelease',
  'threads of the guest',
  'who comes next',
]

function starveTheGuest(): Attempt {
  return {
    id: 'starve-the-guest',
    group: 'escape',
    tries: "lower the guest's priority, pin it to one processor, limit its CPU time, move its memory",
    wall: 'system call filter; the guest checks which process the call affects',
    invariant: 7,
    script: '/opt/hostile/kernel starve',
    verify({ stdout, stderr }) {
      const told = /^(\d+) threads of the guest were tried\n/m
      // PID 1, the bridge, the reader of requests, the one that is told to end, the pump and at least one that serves calls.
      expect(Number(told.exec(stdout)?.[1])).toBeGreaterThanOrEqual(6)
      const own = 'the own thread: can be set\n'
      expect(stdout).toContain(own)
      expectRefused({ stdout: stdout.replace(told, '').replace(own, ''), stderr }, STARVING)
    },
  }
}

export const GUEST_ATTEMPTS: readonly Attempt[] = [
  refused({
    id: 'trace-the-guest',
    group: 'escape',
    tries: 'ptrace the guest, read and write its memory, take its descriptors',
    wall: 'system call filter, undumpable guest',
    invariant: 7,
    run: 'escape trace-guest',
    names: [...TRACING, 'kcmp'],
  }),
  refused({
    id: 'trace-a-sibling',
    group: 'escape',
    tries: 'ptrace one of its own processes, to act through it',
    wall: 'system call filter',
    invariant: 7,
    run: 'escape trace-sibling',
    names: [...TRACING, 'traceme'],
  }),
  refused({
    id: 'read-proc-of-the-guest',
    group: 'escape',
    tries: 'read `/proc/1/mem`, `environ`, `maps`, `root`, `cwd`, `exe`, `fd`',
    wall: 'undumpable guest',
    invariant: 1,
    run: `reach read ${OF_THE_GUEST.map((name) => `/proc/1/${name}`).join(' ')}`,
    names: OF_THE_GUEST.map((name) => `/proc/1/${name}`),
  }),
  refused({
    id: 'write-proc-of-the-guest',
    group: 'escape',
    tries: "write the guest's memory, descriptors, OOM score and settings under `/proc/1`",
    wall: 'undumpable guest',
    invariant: 7,
    run: 'reach write /proc/1/mem /proc/1/fd/1 /proc/1/fd/3 /proc/1/oom_score_adj /proc/1/oom_adj /proc/1/comm /proc/1/coredump_filter /proc/1/clear_refs /proc/1/uid_map /proc/1/setgroups',
    names: [
      'mem',
      'fd/1',
      'fd/3',
      'oom_score_adj',
      'oom_adj',
      'comm',
      'coredump_filter',
      'clear_refs',
      'uid_map',
      'setgroups',
    ].map((name) => `/proc/1/${name}`),
  }),
  refused({
    id: 'overwrite-the-guest',
    group: 'escape',
    tries: 'overwrite the guest or Node through `/proc/self/exe` and their mounts (CVE-2019-5736)',
    wall: 'read-only mounts, undumpable guest',
    invariant: 4,
    run: 'reach write /proc/1/exe /proc/self/exe /run/glovebox/guest /opt/glovebox/node/bin/node /opt/hostile/reach /usr/bin/git',
    names: [
      '/proc/1/exe',
      '/proc/self/exe',
      '/run/glovebox/guest',
      '/opt/glovebox/node/bin/node',
      '/opt/hostile/reach',
      '/usr/bin/git',
    ],
  }),
  starveTheGuest(),
  {
    id: 'signal-the-guest',
    group: 'escape',
    tries: 'send PID 1 and each of its threads every signal, also with a forged sender',
    wall: 'pid namespace',
    invariant: 7,
    script: '/opt/hostile/escape signal-guest; echo after',
    verify({ stdout, run }) {
      expect(
        stdout
          .split('\n')
          .slice(0, 3)
          .every((line) => line.includes(': refused')),
      ).toBe(true)
      expect(stdout).toContain('still here\nafter\n')
      expect(run.status).toBe('succeeded')
    },
  },
  {
    id: 'kill-everything',
    group: 'escape',
    tries: '`kill -9 -1`, with a second session that outlives the first process',
    wall: 'pid namespace',
    invariant: 7,
    script:
      'for n in 1 2; do setsid sh -c "echo up > /tmp/$n; sleep 600; :" & done; until [ -s /tmp/1 -a -s /tmp/2 ]; do :; done; kill -9 1; kill -STOP 1; kill -9 -1; exit 7',
    verify(outcome) {
      const sessions = startedArgvs(outcome).filter(
        ([name, , script]) => name === 'sh' && script?.includes('sleep 600'),
      )
      expect(sessions).toHaveLength(2)
      expect(outcome.code).toBe(7)
      expect(outcome.of('coverage.reported')[0]?.body.mechanism).not.toBe('lost')
    },
  },
  {
    id: 'move-the-sockets',
    group: 'escape',
    tries: 'replace the socket of the link or the gateway by its own, for later steps',
    wall: 'read-only mounts',
    invariant: 2,
    script: `mv /run/glovebox /run/aside && echo GOT THROUGH; rm -f /run/glovebox/gateway.sock && echo GOT THROUGH
      mkdir /tmp/mine; mv /tmp/mine /run/glovebox/mine && echo GOT THROUGH; ln -sfn /tmp/mine /run/glovebox && echo GOT THROUGH
      chmod 0 /run/glovebox/gateway.sock && echo GOT THROUGH; echo tried`,
    verify({ stdout }) {
      expect(stdout).toBe('tried\n')
    },
  },
]
