// Attempts on the disk that every run shares with Glovebox: bytes, inodes and time.
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'

export const DISK_ATTEMPTS: readonly Attempt[] = [
  {
    id: 'disk-bomb',
    group: 'exhaustion',
    tries: 'fill the disk with many files, each below the size limit',
    wall: 'workspace limit',
    invariant: 0,
    limits: { workspace: '32 MiB' },
    script: '/opt/hostile/exhaust fill /workspace/x 256',
    verify({ run }) {
      expect(run).toMatchObject({ status: 'failed', reason: 'workspace limit 32 MiB' })
    },
  },
  {
    id: 'hidden-disk-bomb',
    group: 'exhaustion',
    tries: 'fill the disk with files that are removed but still open',
    wall: 'workspace limit; it counts open files',
    invariant: 0,
    limits: { workspace: '32 MiB' },
    script: '/opt/hostile/exhaust hidden',
    verify({ run }) {
      expect(run).toMatchObject({ status: 'failed', reason: 'workspace limit 32 MiB' })
    },
  },
  {
    id: 'mapped-disk-bomb',
    group: 'exhaustion',
    tries: 'fill the disk with removed files that have one mapped page',
    wall: 'workspace limit; it counts mapped files',
    invariant: 0,
    limits: { workspace: '32 MiB' },
    script: '/opt/hostile/held mapped',
    verify({ run }) {
      expect(run).toMatchObject({ status: 'failed', reason: 'workspace limit 32 MiB' })
    },
  },
  {
    id: 'executed-disk-bomb',
    group: 'exhaustion',
    tries: 'fill the disk with removed executables of processes that unmapped them',
    wall: 'workspace limit; it counts executables',
    invariant: 0,
    limits: { workspace: '32 MiB' },
    script: '/opt/hostile/held executables',
    verify({ run }) {
      expect(run).toMatchObject({ status: 'failed', reason: 'workspace limit 32 MiB' })
    },
  },
  {
    id: 'closed-disk-bomb',
    group: 'exhaustion',
    tries: 'fill the disk in a folder that its owner may not read',
    wall: 'workspace limit; Glovebox counts with rights over the sandbox’s files',
    invariant: 0,
    limits: { workspace: '32 MiB' },
    script: '/opt/hostile/held closed-folder',
    verify({ run }) {
      expect(run).toMatchObject({ status: 'failed', reason: 'workspace limit 32 MiB' })
    },
  },
  {
    id: 'files-out-of-sight',
    group: 'exhaustion',
    tries:
      'fill the disk with removed files that only a message between two sockets, or a call that waits, still holds',
    wall: 'reserve of the disk',
    invariant: 0,
    limits: { workspace: '32 MiB' },
    notStopped: {
      bubblewrap: 'not counted; ended once the disk runs short and the run may have more of it than is left',
      docker: 'not counted; ended once the disk runs short and the run may have more of it than is left',
    },
    script: '/opt/hostile/held by-the-kernel',
    verify({ stdout, run }) {
      expect(stdout).toBe('48 MiB out of sight\n')
      expect(run.status).toBe('succeeded')
    },
  },
  {
    id: 'inode-bomb',
    group: 'exhaustion',
    tries: 'create 12,000 empty files',
    wall: 'workspace limit; each name counts as half a KiB',
    invariant: 0,
    limits: { workspace: '4 MiB' },
    script: '/opt/hostile/exhaust files 12000',
    verify({ run, of }) {
      expect(run).toMatchObject({ status: 'failed', reason: 'workspace limit 4 MiB' })
      expect(of('coverage.reported')[0]?.body.filesWritten).toBeGreaterThan(0)
    },
  },
  {
    id: 'sync-storm',
    group: 'exhaustion',
    tries: 'write and sync without pause',
    wall: 'none but time',
    invariant: 0,
    script: '/opt/hostile/exhaust syncs',
    notStopped: { bubblewrap: 'the disk is shared', docker: 'the disk is shared' },
    verify({ stdout, run }) {
      expect(stdout).toBe('synced 1\n')
      expect(run.status).toBe('succeeded')
    },
  },
  {
    id: 'deep-tree-counted',
    group: 'exhaustion',
    tries: 'nest folders so deeply that counting them never ends',
    wall: 'bound on depth; a folder that cannot be counted is over the limit',
    invariant: 0,
    limits: { workspace: '32 MiB' },
    script: 'cd /workspace && /opt/hostile/traps deep 600 && /opt/hostile/exhaust fill /workspace/x 24',
    verify({ run }) {
      expect(run).toMatchObject({
        status: 'failed',
        reason: expect.stringMatching(/^workspace limit: .*512 deep/) as string,
      })
    },
  },
]
