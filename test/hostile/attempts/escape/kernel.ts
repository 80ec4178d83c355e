// Parts of the kernel that have let people out of sandboxes before.
import type { Attempt } from '../../attempt.ts'
import { refused } from '../../expectations.ts'

const X64 = process.arch === 'x64'
const FILTER = 'system call filter'
const kernel = (
  id: string,
  tries: string,
  wall: string,
  invariant: number,
  run: string,
  names: readonly string[],
): Attempt => refused({ id, group: 'escape', tries, wall, invariant, run: `kernel ${run}`, names })

export const KERNEL_ATTEMPTS: readonly Attempt[] = [
  kernel('io-uring', 'open files by io_uring, past the recorder', FILTER, 7, 'io-uring', [
    'setup',
    'enter',
    'register',
  ]),
  kernel('bpf', 'load a BPF map or program', FILTER, 0, 'bpf', ['map', 'program', 'object by path']),
  kernel('perf', 'watch itself, the processor and the guest by perf events', FILTER, 0, 'perf', [
    'of itself',
    'of a processor',
    'of the guest',
  ]),
  kernel('keyring', "read and add keys: keyrings are shared with the host's user", FILTER, 1, 'keys', [
    'session keyring',
    'user keyring',
    'add',
    'request',
  ]),
  kernel('memory-tricks', 'userfaultfd and memfd_secret: memory that the recorder cannot read', FILTER, 7, 'memory', [
    'userfaultfd',
    'userfaultfd for user faults',
    'userfaultfd device',
    'memfd_secret',
  ]),
  kernel('open-by-handle', 'open files by handle, around every mount', FILTER, 4, 'handles', [
    'open by handle',
    'open inode 2',
  ]),
  kernel('fanotify', "hold the guest's own opens by fanotify permission events", 'no capabilities', 7, 'fanotify', [
    'content events',
    'early content events',
    'whole mount',
  ]),
  kernel(
    'administration',
    'set the clock and the host name, load modules, kexec, swap, reboot',
    FILTER,
    0,
    'administration',
    [
      'settimeofday',
      'clock_settime',
      'adjtimex',
      'clock_adjtime',
      'sethostname',
      'setdomainname',
      'init_module',
      'finit_module',
      'delete_module',
      'kexec_load',
      'kexec_file_load',
      'swapon',
      'acct',
      'quotactl',
      'syslog',
      'vhangup',
      'reboot',
    ],
  ),
  kernel(
    'privilege',
    'become uid 0, gain capabilities, give up no_new_privs or the filter',
    'no capabilities, no_new_privs',
    11,
    'privilege',
    [
      'setuid',
      'setresuid',
      'setgid',
      'setgroups',
      'capset',
      'ambient',
      'securebits',
      'keepcaps',
      'privileges may be gained again',
      'unfiltered',
    ],
  ),
  kernel(
    'scheduling',
    'real-time and deadline scheduling, negative nice, locked memory',
    'no capabilities',
    0,
    'scheduling',
    ['fifo', 'round robin', 'deadline', 'nice', 'i/o priority', 'limit of rt priority', 'locked memory'],
  ),
  kernel('seccomp-listener', "a filter listener of its own, or the guest's", FILTER, 7, 'listener', [
    'listener',
    'listener with more flags',
    'unshare below an own filter',
    "the guest's listener",
  ]),
  kernel('segments', 'I/O ports, a local descriptor table, page 0 under another personality', FILTER, 0, 'segments', [
    ...(X64 ? ['iopl', 'ioperm'] : []),
    'page 0',
  ]),
  kernel(
    'terminal-injection',
    'type into a terminal of the host: TIOCSTI, TIOCLINUX, consoles',
    FILTER,
    0,
    'terminals',
    [
      '/dev/tty',
      '/dev/console',
      '/dev/tty0',
      'TIOCSTI',
      'TIOCSTI with high bits',
      'TIOCLINUX',
      'TIOCSTI on its input',
      'TIOCCONS',
    ],
  ),
  kernel(
    'foreign-abi',
    'call the kernel by `int 0x80`, by x32 and from a 32-bit segment',
    FILTER,
    7,
    'foreign',
    X64 ? ['int 0x80', 'x32', '32-bit segment'] : [],
  ),
]
