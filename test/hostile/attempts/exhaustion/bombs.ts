// Attempts to exhaust processes, memory, descriptors, processors and output. The run names the limit and leaves nothing.
import { expect } from 'vitest'
import { LIMITS_ARE_NAMED } from '../../../machine.ts'
import { cutMarker } from '../../../../src/domain/output-cut.ts'
import type { Attempt, AttemptOutcome } from '../../attempt.ts'
import { startedArgvs } from '../../expectations.ts'

/** Without cgroups a limit ends processes but does not tell its name; coverage says which mechanism holds it. */
function expectLimit({ run, stdout, of }: AttemptOutcome, name: RegExp): void {
  expect(stdout).not.toContain('GOT THROUGH')
  if (!LIMITS_ARE_NAMED) return
  expect(run.status).toBe('failed')
  expect(run.reason).toMatch(name)
  expect(of('run.finished')[0]?.body.reason).toMatch(name)
}

export const BOMB_ATTEMPTS: readonly Attempt[] = [
  {
    id: 'fork-bomb',
    group: 'exhaustion',
    tries: 'fork endlessly, each child in its own session',
    wall: 'process limit',
    invariant: 11,
    limits: { processes: 48 },
    script: '/opt/hostile/exhaust fork-bomb; exit 1',
    verify(outcome) {
      expectLimit(outcome, /process limit 48/)
      const [, born = '', refused = ''] = /processes: (\d+) born, (\d+) refused/.exec(outcome.stdout) ?? []
      expect(Number(born)).toBeLessThan(48)
      expect(Number(refused)).toBeGreaterThan(1900)
      // The record has each process; a process that never executed a program is a fork.
      const forks = outcome.of('process.started').filter(({ body }) => body.origin === 'fork')
      expect(forks.length).toBeGreaterThanOrEqual(Number(born))
    },
  },
  {
    id: 'shell-fork-bomb',
    group: 'exhaustion',
    tries: 'run the classic fork bomb in a shell',
    wall: 'process limit',
    invariant: 11,
    limits: { processes: 48, 'wall-minutes': 0.1 },
    script: 'bomb() { bomb | bomb & }; bomb; sleep 2; exit 1',
    verify(outcome) {
      expectLimit(outcome, /process limit 48|wall time limit/)
    },
  },
  {
    id: 'threads',
    group: 'exhaustion',
    tries: 'start 2,000 threads in one process',
    wall: 'process limit; threads count as processes',
    invariant: 11,
    limits: { processes: 48 },
    script: '/opt/hostile/exhaust threads; exit 1',
    verify(outcome) {
      expectLimit(outcome, /process limit 48/)
      const [, born = ''] = /threads: (\d+) born/.exec(outcome.stdout) ?? []
      expect(Number(born)).toBeLessThan(48)
    },
  },
  {
    id: 'memory-bomb',
    group: 'exhaustion',
    tries: 'allocate memory until none is left',
    wall: 'memory limit',
    invariant: 0,
    limits: { memory: '128 MiB' },
    script: '/opt/hostile/exhaust memory 1024',
    verify(outcome) {
      expectLimit(outcome, /memory limit 128 MiB/)
    },
  },
  {
    id: 'memory-of-many',
    group: 'exhaustion',
    tries: 'allocate memory in many small processes, so that the kernel kills the guest',
    wall: 'memory limit; losing the recorder ends the run',
    invariant: 7,
    limits: { memory: '128 MiB' },
    script: '/opt/hostile/exhaust small-memory; exit 1',
    verify(outcome) {
      expectLimit(outcome, /memory limit 128 MiB/)
    },
  },
  {
    id: 'memory-files',
    group: 'exhaustion',
    tries: 'fill `/tmp`, `/dev/shm`, the home folder and `/run`, which are in memory',
    wall: 'memory limit; size limit of each file system',
    invariant: 0,
    limits: { memory: '128 MiB', 'wall-minutes': 0.2 },
    script: `for place in /tmp/x /dev/shm/x "$HOME/x" /run/x; do timeout -s KILL 1 /opt/hostile/exhaust fill $place 1024; done; exit 1`,
    verify(outcome) {
      expect(outcome.stdout).not.toContain('GOT THROUGH')
      expect(outcome.run.status).toBe('failed')
    },
  },
  {
    id: 'decompression-bomb',
    group: 'exhaustion',
    tries: 'unpack an archive of 256 KiB into 256 MiB',
    wall: 'limit on the size of a file',
    invariant: 0,
    limits: { workspace: '32 MiB' },
    script:
      'head -c 268435456 /dev/zero | gzip -1 > bomb.gz; ls -l bomb.gz; gzip -dc bomb.gz > bomb; wc -c < bomb; [ $(wc -c < bomb) -le 33554432 ] && exit 1; echo GOT THROUGH',
    verify({ stdout, run }) {
      expect(stdout).not.toContain('GOT THROUGH')
      expect(run.status).toBe('failed')
    },
  },
  {
    id: 'busy-processors',
    group: 'exhaustion',
    tries: 'spin in 17 sessions that ignore every signal',
    wall: 'wall time limit; the whole run has one share of the processors',
    invariant: 11,
    limits: { 'wall-minutes': 0.05 },
    script: '/opt/hostile/exhaust busy',
    verify({ run, of }) {
      expect(run).toMatchObject({ status: 'failed', reason: 'wall time limit 0.05 min' })
      const ended = of('process.exited').filter(({ body }) => body.signal === 9)
      expect(ended.length).toBeGreaterThanOrEqual(17)
    },
  },
  {
    id: 'endless-line',
    group: 'exhaustion',
    tries: 'print 128 MiB without a line feed',
    wall: 'output limit',
    invariant: 0,
    script: '/opt/hostile/exhaust one-line',
    verify({ stdout, stderr, of }) {
      // Both ends, with a line between.
      const shown = 2 * 1024 ** 2 + cutMarker(62 * 1024 ** 2).length
      expect([stdout.length, stderr.length]).toEqual([shown, shown])
      const step = of('step.finished').at(-1)?.body
      expect(step).toMatchObject({
        stdoutBytes: 64 * 1024 ** 2,
        stderrBytes: 64 * 1024 ** 2,
        outputOmitted: 124 * 1024 ** 2,
      })
    },
  },
  {
    id: 'daemon',
    group: 'exhaustion',
    tries: 'leave a daemon that forked twice, ignores every signal and names itself like a zombie of uid 0',
    wall: 'pid namespace, host uid, cgroup',
    invariant: 11,
    script: '/opt/hostile/exhaust daemon',
    verify(outcome) {
      expect(outcome.stdout).toBe('a daemon lives\n')
      expect(outcome.run.status).toBe('succeeded')
      expect(outcome.of('process.exited').filter(({ body }) => body.signal === 9)).toHaveLength(1)
    },
  },
  {
    id: 'comet',
    group: 'exhaustion',
    tries: 'fork and exit without pause, so that every kill comes too late',
    wall: 'pid namespace, host uid, cgroup',
    invariant: 11,
    script: '/opt/hostile/exhaust comet; sleep 0.2; exit 5',
    verify(outcome) {
      expect(outcome.code).toBe(5)
      const { of } = outcome
      expect(of('process.started').length).toBeGreaterThan(10)
      expect(of('process.started').filter(({ body }) => body.origin === 'fork').length).toBeLessThanOrEqual(
        of('process.exited').length,
      )
    },
  },
  {
    id: 'stopped',
    group: 'exhaustion',
    tries: 'stop all its processes and itself, forever',
    wall: 'wall time limit',
    invariant: 11,
    limits: { 'wall-minutes': 0.05 },
    script: 'sleep 600 & kill -STOP $!; kill -STOP -1; kill -STOP $$',
    verify({ run }) {
      expect(run).toMatchObject({ status: 'failed', reason: 'wall time limit 0.05 min' })
    },
  },
  {
    id: 'descriptors',
    group: 'exhaustion',
    tries: 'open descriptors endlessly, in 21 processes',
    wall: 'limits on open files and memory; a run with more open files than the machine has left ends',
    invariant: 0,
    script: '/opt/hostile/exhaust descriptors',
    verify({ stdout, of }) {
      expect(stdout).toBe('descriptors end\n')
      expect(of('coverage.reported')[0]?.body.mechanism).not.toBe('lost')
    },
  },
  {
    id: 'huge-arguments',
    group: 'exhaustion',
    tries: 'execute programs with 128 KiB in one argument and 125 MiB in all',
    wall: 'limit of the kernel; the record keeps 256 KiB',
    invariant: 0,
    script: '/opt/hostile/exhaust arguments',
    verify(outcome) {
      expect(outcome.stdout).toContain('125 MiB refused')
      const huge = outcome.of('process.started').find(({ body }) => body.argvBlob !== undefined)
      expect(huge?.body).toMatchObject({ executable: expect.stringMatching(/true$/) as string })
      expect(startedArgvs(outcome).filter(([name]) => name === '/bin/true')).toHaveLength(1)
    },
  },
  {
    id: 'gateway-connections',
    group: 'exhaustion',
    tries: 'hold 400 connections to the gateway, half of them in an endless request; then push',
    wall: '256 connections through the bridge, closed when the step ends',
    invariant: 0,
    mode: 'write',
    script: '/opt/hostile/exhaust connections; echo changed > README.md',
    verify({ run, change, stdout }) {
      expect(stdout).toMatch(/^dialled \d+\n$/)
      expect(run).toMatchObject({ status: 'succeeded' })
      expect(change).not.toBeNull()
    },
  },
]
