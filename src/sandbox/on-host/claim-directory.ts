import { existsSync, mkdirSync, rmdirSync } from 'node:fs'
import { SandboxError } from '../types.ts'
import type { SandboxSpec } from '../types.ts'
import { takeUid } from './host-uid.ts'
import type { UidRange } from './host-uid.ts'
import { workspacePath } from './prepare-directory.ts'
import { bootId, identify } from './process-table.ts'
import type { SandboxRecord } from './sandbox-record.ts'

export interface Claimant {
  uids: UidRange
  uidLocks: string
  /** The uid that Glovebox itself runs as. */
  ownUid: number
}

/**
 * Claims the folder and the cgroups for this run alone, so that undoing a failed start can't affect another run. An
 * existing folder or cgroup belongs to another run: a sandbox is single use (invariant 11).
 */
export function claimDirectory(
  { run, directory }: Pick<SandboxSpec, 'run' | 'directory'>,
  claimant: Claimant,
  cgroups: readonly string[],
): SandboxRecord {
  const taken = cgroups.find((cgroup) => existsSync(cgroup))
  if (taken !== undefined)
    throw new SandboxError('start-failed', `${taken} already exists; reap() removes leftovers of a crash`)
  const workspace = workspacePath(directory)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  mkdirSync(workspace, { mode: 0o700 })
  try {
    return recordOf(run, claimant, cgroups)
  } catch (error) {
    rmdirSync(workspace)
    throw error
  }
}

function recordOf(run: string, { uids, uidLocks, ownUid }: Claimant, cgroups: readonly string[]): SandboxRecord {
  const owner = identify(process.pid)
  if (owner === null) throw new SandboxError('start-failed', '/proc does not show this process')
  const dedicated = ownUid === 0 ? takeUid(uids, uidLocks, run) : null
  return {
    version: 1,
    run,
    bootId: bootId(),
    owner,
    hostUid: dedicated?.uid ?? ownUid,
    uidLock: dedicated?.lock ?? null,
    cgroups: [...cgroups],
    processes: [],
  }
}
