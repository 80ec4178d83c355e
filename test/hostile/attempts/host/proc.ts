import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'

export const PROC_ATTEMPTS: readonly Attempt[] = [
  {
    id: 'guest-root',
    group: 'host',
    tries: 'reach the host through `/proc/1/root`',
    wall: 'the guest is not dumpable',
    invariant: 4,
    script: 'cat "/proc/1/root/$HOST_FOLDER/secret"; ls /proc/1/root/',
    verify({ stdout, stderr }) {
      expect(stdout).toBe('')
      expect(stderr).toContain('Permission denied')
    },
  },
]
