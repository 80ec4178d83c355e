// Bytes held by the sockets of a network namespace, read from /proc/PID/net. See proc_pid_net(5), and proc_net_tcp in
// the kernel's documentation. A sandbox decides how long these files are, so each is scanned once without splitting it.
export interface SocketTotals {
  /** Number of sockets of this namespace. */
  sockets: number
  /** Pages in the buffers of TCP and UDP sockets of the whole machine. */
  pages: number
  /** TCP connections of the whole machine that their programs have closed and that still have data to send. */
  orphans: number
}

/** Parses the file `sockstat`. */
export function socketTotals(text: string): SocketTotals {
  const value = (protocol: string, name: string) =>
    Number(new RegExp(`^${protocol}:.* ${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0)
  return {
    sockets: value('sockets', 'used'),
    pages: value('TCP', 'mem') + value('UDP', 'mem'),
    orphans: value('TCP', 'orphan'),
  }
}

/** Columns: address, protocol, port, groups, bytes that wait to be read. */
const NETLINK_LINE = /^\w+ +\d+ +\d+ +\w+ +(\d+) /gm

/** Sums the bytes queued in the sockets of the file `netlink`. */
export function netlinkBytes(text: string): number {
  let sum = 0
  for (const [, waiting] of text.matchAll(NETLINK_LINE)) sum += Number(waiting)
  return sum
}

/** Number, both addresses, state, bytes to send and to read, timer, retransmits, uid, timeout, inode. */
const LINE = /^ *\d+: \S+ \S+ (\w+) (\w+):(\w+) \S+ \w+ +\d+ +\d+ (\d+) /gm
const LISTENING = '0A'
/** FIN_WAIT1, FIN_WAIT2, LAST_ACK and CLOSING: states in which a connection may outlive its socket. */
const ENDING: readonly string[] = ['04', '05', '09', '0B']

export interface Queues {
  bytes: number
  orphans: number
}

/** Parses one of the files `tcp`, `tcp6`, `udp` and `udp6`. */
export function queuesOf(text: string): Queues {
  const queues: Queues = { bytes: 0, orphans: 0 }
  for (const [, state = '', sending = '', reading = '', inode] of text.matchAll(LINE)) {
    // The queue of a listening socket counts connections, not bytes.
    if (state !== LISTENING) queues.bytes += parseInt(sending, 16) + parseInt(reading, 16)
    if (inode === '0' && ENDING.includes(state)) queues.orphans++
  }
  return queues
}
