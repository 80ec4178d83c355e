import { join } from 'node:path'
import type { SandboxProvider } from '../types.ts'
import { findCgroups, NO_CGROUPS } from './find-cgroups.ts'
import type { CgroupParents } from './find-cgroups.ts'
import type { Watchers } from '../on-host/guard-sandbox.ts'
import { DEFAULT_UIDS } from '../on-host/host-uid.ts'
import type { UidRange } from '../on-host/host-uid.ts'
import { ENTER } from '../on-host/enter-program.ts'
import { probeMachine } from './probe-machine.ts'
import { reapSandboxes } from '../on-host/reap-sandboxes.ts'
import { startSandbox } from './start-sandbox.ts'

/** Program in front of bwrap (guest/stage/stage.c), built beside the guest. */
const STAGE = join(import.meta.dirname, '../../../build/guest/glovebox-stage')

export interface BubblewrapOptions {
  /** Host path of the guest program. */
  guest: string
  /** The uids that sandboxes get on the host when Glovebox runs as root. */
  uids?: UidRange
  /** Folder with the locks of taken uids. Only root can write it, and every Glovebox on this machine shares it. */
  uidLocks?: string
  /** `off`: rlimits only. Weaker; for machines on which another tool owns the cgroups. */
  cgroups?: 'auto' | 'off'
  /** The uid that Glovebox itself runs as. */
  ownUid?: number
  /** Watchers in the place of the real ones, for tests of their failures. */
  watchers?: Partial<Watchers>
}

/** The default sandbox: bubblewrap, no daemon, no root needed. */
export function createBubblewrap(options: BubblewrapOptions): SandboxProvider {
  const { guest, uids = DEFAULT_UIDS, uidLocks = '/run/glovebox/uids', ownUid = process.getuid?.() ?? -1 } = options
  let found: Promise<CgroupParents> | null = null
  const cgroups = () => (found ??= options.cgroups === 'off' ? Promise.resolve(NO_CGROUPS) : findCgroups())
  const { watchers } = options
  const machine = async () => ({
    ...{ guest, stage: STAGE, enter: ENTER, uids, uidLocks, ownUid, watchers },
    cgroups: await cgroups(),
  })
  return {
    kind: 'bubblewrap',
    probe: async () => probeMachine(await machine()),
    start: async (spec, signal) => startSandbox(spec, await machine(), signal),
    reap: reapSandboxes,
  }
}
