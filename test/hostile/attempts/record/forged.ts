// Attempts to record false events.
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'
import { expectRefused, startedArgvs, touched } from '../../expectations.ts'

const REQUESTS = [
  'POST /api/v1/events',
  'POST http://localhost/api/v1/runs',
  'POST http://127.0.0.1/api/v1/events',
  'POST https://git.glovebox.internal/events',
  'PUT http://glovebox/record',
  'POST http://unix/',
  'CONNECT localhost:7373',
]

export const FORGED_ATTEMPTS: readonly Attempt[] = [
  {
    id: 'forged-frames',
    group: 'record',
    tries: 'write guest messages to every open descriptor',
    wall: 'the guest shares no descriptor',
    invariant: 7,
    script: '/opt/hostile/record frames; exit 3',
    verify(outcome) {
      expect(outcome.stdout).toContain('/bin/forged')
      expect(outcome.code).toBe(3)
      expect(startedArgvs(outcome).flat()).not.toContain('forged')
      expect(outcome.of('process.started').map(({ body }) => body.pid)).not.toContain(99)
    },
  },
  {
    id: 'forged-events',
    group: 'record',
    tries: "send events to the gateway, and to Glovebox's own API through it",
    wall: 'the gateway offers no such service; default deny',
    invariant: 6,
    script: `/opt/hostile/record requests ${REQUESTS.map((line) => `'${line}'`).join(' ')}`,
    verify(outcome) {
      expectRefused(outcome, REQUESTS)
      expect(outcome.run.status).toBe('succeeded')
      expect(
        outcome.of('net.requested').filter(({ body }) => body.url.includes('localhost'))[0]?.body.decision.allowed,
      ).toBe(false)
    },
  },
  {
    id: 'forged-time',
    group: 'record',
    tries: 'set the clock, so that the record has wrong times',
    wall: 'system call filter; the host sets the times',
    invariant: 9,
    script: 'date -s 2001-01-01 2>&1; date -s @4000000000 2>&1; TZ=Pacific/Kiritimati date > /tmp/x',
    verify({ stdout, events }) {
      expect(stdout.match(/cannot set date/g)).toHaveLength(2)
      const times = events.map(({ time }) => time)
      expect(times).toEqual(times.toSorted((a, b) => a - b))
      expect(Math.abs(Date.now() - (times.at(-1) ?? 0))).toBeLessThan(600_000)
    },
  },
  {
    id: 'race-of-arguments',
    group: 'record',
    tries: 'rewrite the arguments from another process while the exec is under way',
    wall: 'argv is read after the exec',
    invariant: 7,
    script: '/opt/hostile/record race-argv',
    verify(outcome) {
      const said = outcome.stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' '))
      expect(said).toHaveLength(40)
      const recorded = new Map(
        outcome
          .of('process.started')
          .filter(({ body }) => body.argv[1] === 'say')
          .map(({ body }) => [String(body.pid), body.argv[2]]),
      )
      expect(said.map(([pid = '']) => [pid, recorded.get(pid)])).toEqual(said)
    },
  },
  {
    id: 'race-of-paths',
    group: 'record',
    tries: 'rewrite a path from another thread while the open is under way',
    wall: 'the guest opens the path that it recorded and passes on the descriptor',
    invariant: 7,
    script: '/opt/hostile/record race-path',
    verify(outcome) {
      expect(outcome.stdout).toBe('hidden was read: yes\n')
      expect(touched(outcome, 'read')).toEqual(expect.arrayContaining(['/tmp/hidden', '/tmp/public']))
      expect(outcome.of('coverage.reported')[0]?.body).toMatchObject({ complete: true, dropped: 0 })
    },
  },
  {
    id: 'disguise',
    group: 'record',
    tries: 'rename itself to `sshd` after the exec, make itself undumpable, then read files',
    wall: 'argv is read from the kernel at the exec',
    invariant: 7,
    script: '/opt/hostile/record disguise; exit 0',
    verify(outcome) {
      expectRefused(outcome, ['moved argv', 'another executable'])
      const started = outcome.of('process.started').find(({ body }) => body.argv[1] === 'disguise')
      expect(started?.body).toMatchObject({
        argv: ['/opt/hostile/record', 'disguise'],
        executable: '/opt/hostile/record',
      })
      const read = outcome.of('file.accessed').filter(({ body }) => body.pid === started?.body.pid)
      expect(read.flatMap(({ body }) => body.read)).toContain('/workspace/repo/README.md')
    },
  },
]
