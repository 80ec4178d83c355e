// Host facts that a run can see. They are not a breach, but users should know them.
import { lstatSync } from 'node:fs'
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'

export const SHARED_ATTEMPTS: readonly Attempt[] = [
  {
    id: 'read-usr',
    group: 'host',
    tries: "read the host's programs and libraries under `/usr`",
    wall: 'none',
    invariant: 0,
    notStopped: { bubblewrap: "`/usr` is the host's, read-only" },
    script: 'stat -c %i /usr/bin/env; head -c 4 /usr/bin/env | tail -c 3',
    verify({ stdout }, { kind }) {
      expect(stdout).toMatch(/^\d+\nELF$/)
      expect(Number.parseInt(stdout, 10) === lstatSync('/usr/bin/env').ino).toBe(kind === 'bubblewrap')
    },
  },
  {
    id: 'host-paths',
    group: 'host',
    tries: 'learn from `/proc/self/mountinfo` where the data folder and the project are',
    wall: 'none',
    invariant: 0,
    notStopped: {
      bubblewrap: 'it names the paths of mounts',
      docker: 'it names the paths of mounts',
    },
    script: 'grep -c -F "${HOST_DATA##*/tmp}" /proc/self/mountinfo',
    verify({ stdout }) {
      expect(Number(stdout)).toBeGreaterThan(0)
    },
  },
  {
    id: 'kernel-version',
    group: 'host',
    tries: "learn the kernel's version, the processor, the memory, the load and the time since boot",
    wall: 'none',
    invariant: 0,
    notStopped: { bubblewrap: 'all sandboxes share one kernel', docker: 'all sandboxes share one kernel' },
    script:
      'uname -r; grep -c ^processor /proc/cpuinfo; grep MemTotal /proc/meminfo; cat /proc/loadavg /proc/uptime /proc/sys/kernel/random/boot_id',
    verify({ stdout }) {
      expect(stdout).toMatch(/^\d+\.\d+[^\n]*\n\d+\nMemTotal: /)
    },
  },
]
