// What one run may take of pools that the kernel keeps for the whole machine, or for one account, and that no cgroup
// counts: a share small enough that some runs side by side leave the machine its own. Sizes come from the machine.
import type { SandboxLimits } from '../types.ts'
import { readSetting } from './read-setting.ts'

export interface RunShares {
  /** Bytes in the buffers of its TCP, UDP and netlink sockets. */
  socketBytes: number
  /** Pseudo-terminals at a time. */
  terminals: number
  /** Settings of /proc/sys/user for its user namespace: what it may take of the account that it shares with others. */
  userSettings: Readonly<Record<string, number>>
}

const MIB = 1024 ** 2
const PAGE_BYTES = 4096
/** Dev servers and their tests get on with this much, however little memory a task asks for. */
const LEAST_SOCKET_BYTES = 8 * MIB
const MOST_TERMINALS = 64
/** The account's other programs, and three runs, have the rest. */
const PART_OF_ACCOUNT = 4

const USER_SETTINGS = ['max_inotify_instances', 'max_inotify_watches', 'max_fanotify_groups', 'max_fanotify_marks']

/** `setting` reads a file of /proc; null where this kernel does not have it. */
export function runShares(limits: SandboxLimits, setting = readSetting): RunShares {
  const number = (path: string) => numberIn(setting(path), 0)
  // tcp_mem: pages at which the kernel saves, at which it does so in earnest, and at which it refuses. tcp(7)
  const tcpPages = numberIn(setting('/proc/sys/net/ipv4/tcp_mem'), 2)
  const terminals = number('/proc/sys/kernel/pty/max')
  const userSettings = USER_SETTINGS.flatMap((name) => {
    const most = number(`/proc/sys/user/${name}`)
    return most === null ? [] : [[name, atLeastOne(most / PART_OF_ACCOUNT)] as const]
  })
  return {
    socketBytes: Math.max(
      LEAST_SOCKET_BYTES,
      wholeMebibytes(Math.min(limits.memoryBytes / 8, ((tcpPages ?? Infinity) * PAGE_BYTES) / 4)),
    ),
    terminals: Math.min(MOST_TERMINALS, atLeastOne((terminals ?? Infinity) / PART_OF_ACCOUNT)),
    userSettings: Object.fromEntries(userSettings),
  }
}

function numberIn(text: string | null, index: number): number | null {
  const value = Number(text?.split(/\s+/)[index] ?? Number.NaN)
  return Number.isFinite(value) && value > 0 ? value : null
}

function wholeMebibytes(bytes: number): number {
  return Math.floor(bytes / MIB) * MIB
}

function atLeastOne(value: number): number {
  return Math.max(1, Math.floor(value))
}
