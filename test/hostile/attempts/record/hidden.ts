// Attempts to keep actions off the record.
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'
import { startedArgvs, touched } from '../../expectations.ts'
import { bytesOf } from '../../../../src/domain/byte-text.ts'

export const HIDDEN_ATTEMPTS: readonly Attempt[] = [
  {
    id: 'programs-from-memory',
    group: 'record',
    tries: 'execute a program that is only in memory, and one whose file was removed first',
    wall: 'exec events of the kernel',
    invariant: 7,
    script: '/opt/hostile/record from-memory',
    verify(outcome) {
      expect(outcome.stdout).toMatch(/^\d+ memory\n\d+ vanished\n$/)
      expect(startedArgvs(outcome)).toEqual(
        expect.arrayContaining([
          ['from-memory', 'say', 'memory'],
          ['vanishing', 'say', 'vanished'],
        ]),
      )
      const executables = outcome.of('process.started').map(({ body }) => body.executable)
      expect(executables).toContain('/memfd:harmless (deleted)')
      expect(executables).toContain('/tmp/vanishing (deleted)')
    },
  },
  {
    id: 'odd-births',
    group: 'record',
    tries: 'start a process untraced: as a child of the guest, without a signal, by vfork, as an orphan',
    wall: 'ptrace events, system call filter',
    invariant: 7,
    script: '/opt/hostile/record births',
    verify(outcome) {
      const said = outcome.stdout.split('\n').flatMap((line) => /^\d+ ([a-z-]+)$/.exec(line)?.[1] ?? [])
      expect(said.toSorted()).toEqual(['orphan', 'other-signal', 'parent', 'plain', 'sharing', 'silent', 'vfork'])
      expect(outcome.stdout).toContain('untraced: refused')
      const recorded = startedArgvs(outcome).flatMap(([, verb, name]) =>
        verb === 'say' && name !== undefined ? [name] : [],
      )
      expect(recorded.toSorted()).toEqual(said.toSorted())
    },
  },
  {
    id: 'recycled-pids',
    group: 'record',
    tries: 'reuse every pid, so that one process hides behind another',
    wall: 'the record closes a pid before its reuse',
    invariant: 7,
    script: 'echo 310 > /proc/sys/kernel/pid_max; /opt/hostile/record recycled 700',
    verify(outcome) {
      expect(outcome.stdout).toContain('700 processes')
      const numbers = startedArgvs(outcome).flatMap(([name, number]) => (name === 'true' ? [number] : []))
      expect(numbers).toEqual(Array.from({ length: 700 }, (_, index) => `number-${index}`))
      const exits = outcome.of('process.exited').length
      expect(exits).toBeGreaterThanOrEqual(700)
    },
  },
  {
    id: 'paths-swapped-in-time',
    group: 'record',
    tries: 'swap a path that leads into /proc while it is opened, at every microsecond, and after a call for Landlock',
    wall: 'the guest reads a name once and opens that name',
    invariant: 7,
    script: '/opt/hostile/record swapped-in-time',
    verify(outcome) {
      expect(outcome.stdout).toMatch(/done\n$/)
      const opened = [...outcome.stdout.matchAll(/^opened (.*)$/gm)].map(([, path]) => path)
      const listed = { hid: new Set(touched(outcome, 'read')), made: new Set(touched(outcome, 'written')) }
      const isListed = (path = '') => listed[path.startsWith('/tmp/hid') ? 'hid' : 'made'].has(path)
      expect(opened.filter((path) => !isListed(path))).toEqual([])
      expect(outcome.of('coverage.reported')[0]?.body).toMatchObject({ complete: true, dropped: 0 })
    },
  },
  {
    id: 'given-and-ended',
    group: 'record',
    tries: 'open a file in one thread, read it in another, and end the process before the first continues',
    wall: 'a process stays open in the record until all its calls are listed',
    invariant: 7,
    script: '/opt/hostile/record given-and-ended',
    verify(outcome) {
      expect(outcome.stdout).toMatch(/1 done\n$/)
      const readers = [...outcome.stdout.matchAll(/^read by (\d+)$/gm)].map(([, pid]) => Number(pid))
      const given = (pid: number) =>
        outcome
          .of('file.accessed')
          .some(({ body }) => body.pid === pid && body.read.some((path) => text(path) === '/tmp/given'))
      expect(readers.filter((pid) => !given(pid))).toEqual([])
      expect(outcome.of('coverage.reported')[0]?.body).toMatchObject({ complete: true, dropped: 0 })
    },
  },
  {
    id: 'flood-of-paths',
    group: 'record',
    tries: 'open 25,000 files, so that some are not listed',
    wall: 'the record lists every path, and its limit ends the run',
    invariant: 7,
    script: '/opt/hostile/record many-paths 25000',
    verify(outcome) {
      expect(outcome.stdout).toBe('25000 paths\n')
      const bodies = outcome.of('file.accessed').map(({ body }) => body)
      const sum = (count: (body: (typeof bodies)[number]) => number) =>
        bodies.reduce((total, body) => total + count(body), 0)
      expect(sum(({ created }) => created.length)).toBeGreaterThanOrEqual(25_000)
      expect(sum(({ omitted }) => omitted)).toBe(0)
    },
  },
  {
    id: 'flood-of-events',
    group: 'record',
    tries: 'fill the record, so that later events have no room',
    wall: 'record limit, which ends the run',
    invariant: 3,
    limits: { record: '1 MiB' },
    script: '/opt/hostile/record flood',
    verify({ run, of }) {
      expect(run).toMatchObject({ status: 'failed', reason: 'record limit 1048576 bytes' })
      expect(of('process.started').length).toBeGreaterThan(50)
      expect(of('coverage.reported')).toHaveLength(1)
    },
  },
]

function text(path: Parameters<typeof bytesOf>[0]): string {
  return Buffer.from(bytesOf(path)).toString()
}
