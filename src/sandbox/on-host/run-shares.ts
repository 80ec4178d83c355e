// A run's share of kernel resources that belong to the whole machine or to one account and that no cgroup counts. The
// share is small enough that several runs side by side leave enough for the machine. It depends on the machine's sizes.
import type { SandboxLimits } from '../types.ts'
import { readSetting } from './read-setting.ts'

export interface RunShares {
  /** Most bytes in the buffers of its TCP, UDP and netlink sockets. */
  socketBytes: number
  /** Most pseudo-terminals at a time. */
  terminals: number
  /** Settings of /proc/sys/user for its user namespace, which bound its share of the account's resources. */
  userSettings: Readonly<Record<string, number>>
}

const MIB = 1024 ** 2
const PAGE_BYTES = 4096
/** Enough for dev servers and their tests, however little memory a task asks for. */
const LEAST_SOCKET_BYTES = 8 * MIB
const MOST_TERMINALS = 64
/** A run gets one part in this many; the rest is for three more runs and the account's other programs. */
const PART_OF_ACCOUNT = 4

const USER_SETTINGS = ['max_inotify_instances', 'max_inotify_watches', 'max_fanotify_groups', 'max_fanotify_marks']

/** Computes the shares. `setting` reads a file of /proc and returns null if this kernel does not have it. */
export function runShares(limits: SandboxLimits, setting = readSetting): RunShares {
  const number = (path: string) => numberIn(setting(path), 0)
  // tcp_mem holds three page counts: low, pressure (the kernel starts to save), and high (it refuses). See tcp(7).
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
