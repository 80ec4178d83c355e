// The limits that a sandbox lacks on this machine, or has only in a weaker form, for `glovebox doctor`. Runs work without
// them, so nobody would notice before a run takes more than its part.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { countsSockets } from '../on-host/limit-sockets.ts'
import { readSetting } from '../on-host/read-setting.ts'
import { weakLimit } from '../on-host/probe-host.ts'
import type { Probe } from '../types.ts'
import type { CgroupParent, CgroupParents } from './find-cgroups.ts'

const DELEGATE = 'start Glovebox with `systemd-run --user --scope -p Delegate=yes`, or run it as root'
const AS_ROOT = 'run Glovebox as root: each run then gets a user id of its own'

/** `setting` reads a file of /proc; null if this kernel does not have it. */
export function weakLimits(cgroups: CgroupParents, ownUid: number, setting = readSetting): readonly Probe[] {
  const { memory, pids, cpu } = cgroups
  return [
    ...(memory === null
      ? [weakLimit('memory', 'bounds each process alone, so a run of many processes can use up this machine', DELEGATE)]
      : []),
    ...(memory !== null && hasSwap(setting) && !countsSwap(memory)
      ? [weakLimit('swap', 'none: a run can use up the swap of this machine', 'boot the kernel with swapaccount=1')]
      : []),
    ...(pids === null
      ? [weakLimit('processes', 'an rlimit, which before Linux 5.14 counts all processes of the account', DELEGATE)]
      : []),
    ...(cpu === null
      ? [weakLimit('processor', 'none: a run of many busy processes slows down everything else', DELEGATE)]
      : []),
    ...(memory === null || !countsSockets(memory)
      ? [
          weakLimit(
            'socket buffers',
            'no cgroup counts them: a run above its part is ended only after the fact, when Glovebox has seen it',
            memory === null ? DELEGATE : 'use cgroup version 2, or a kernel that has memory.kmem.tcp.limit_in_bytes',
          ),
        ]
      : []),
    ...(ownUid === 0
      ? []
      : [
          weakLimit(
            'user id',
            `all runs have the user id ${ownUid}: what bounds this account bounds all of them together`,
            AS_ROOT,
          ),
        ]),
    ...(ownUid !== 0 && setting('/proc/sys/user/max_inotify_instances') === null
      ? [weakLimit('file watches', 'none: one run can use up all that this account may have', AS_ROOT)]
      : []),
  ]
}

/** The first line of /proc/swaps is its heading. */
function hasSwap(setting: (path: string) => string | null): boolean {
  return (setting('/proc/swaps') ?? '').trim().split('\n').length > 1
}

function countsSwap({ version, directory }: CgroupParent): boolean {
  // The root cgroup of version 2 has no such file, although its children do.
  return version === 2 || existsSync(join(directory, 'memory.memsw.limit_in_bytes'))
}
