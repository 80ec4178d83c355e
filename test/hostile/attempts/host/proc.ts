// Attempts through /proc and /sys, which show the whole machine.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'
import { CANARY } from '../../canary.ts'
import { expectRefused, refused, startedArgvs } from '../../expectations.ts'

const SETTINGS = [
  'kernel/core_pattern',
  'kernel/modprobe',
  'kernel/hostname',
  'kernel/domainname',
  'kernel/panic',
  'kernel/yama/ptrace_scope',
  'kernel/unprivileged_bpf_disabled',
  'kernel/perf_event_paranoid',
  'kernel/ns_last_pid',
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'vm/mmap_min_addr',
  'fs/suid_dumpable',
  'fs/protected_symlinks',
  'fs/binfmt_misc/register',
  'user/max_user_namespaces',
  'net/ipv4/ip_forward',
  'net/core/somaxconn',
].map((name) => `/proc/sys/${name}`)

const KERNEL_MEMORY = [
  '/proc/kcore',
  '/proc/kmsg',
  '/proc/vmcore',
  '/proc/kpageflags',
  '/proc/kpagecount',
  '/proc/slabinfo',
  '/proc/vmallocinfo',
  '/dev/mem',
  '/dev/kmem',
  '/dev/port',
  '/dev/kmsg',
  '/sys/kernel/debug/x',
  '/sys/kernel/notes',
  '/sys/firmware/acpi/tables/DSDT',
]
const CGROUP_FILES = [
  ...['memory/release_agent', 'memory/memory.limit_in_bytes', 'devices/devices.allow', 'pids/pids.max', 'cgroup.procs'],
  ...['memory.max', 'unified/cgroup.procs', 'systemd/release_agent'],
].map((name) => `/sys/fs/cgroup/${name}`)
const OWN_MAPS = ['uid_map', 'gid_map', 'setgroups', 'projid_map', 'loginuid', 'timens_offsets'].map(
  (name) => `/proc/self/${name}`,
)

export const PROC_ATTEMPTS: readonly Attempt[] = [
  {
    id: 'guest-root',
    group: 'host',
    tries: 'reach the host through `/proc/1/root` and `/proc/1/cwd`',
    wall: 'undumpable guest, mount namespace',
    invariant: 4,
    script:
      '/opt/hostile/reach read "/proc/1/root/$HOST_FOLDER/secret" /proc/1/root/etc/shadow /proc/1/cwd/../../etc/shadow "/proc/self/root/$HOST_FOLDER/secret" "/proc/self/cwd/../../../../../$HOST_FOLDER/secret"; /opt/hostile/reach list /proc/1/root /proc/1/cwd /proc/1/task/1/root',
    verify(outcome, { folder }) {
      expectRefused(outcome, [
        `/proc/1/root/${folder}/secret`,
        '/proc/1/root/etc/shadow',
        '/proc/1/cwd/../../etc/shadow',
        `/proc/self/root/${folder}/secret`,
        `/proc/self/cwd/../../../../../${folder}/secret`,
        '/proc/1/root',
        '/proc/1/cwd',
        '/proc/1/task/1/root',
      ])
      expect(startedArgvs(outcome)).toContainEqual(expect.arrayContaining(['/proc/1/root/etc/shadow']))
    },
  },
  {
    id: 'environ-of-others',
    group: 'host',
    tries: "read environment, arguments and files of the host's processes in `/proc`",
    wall: 'pid namespace',
    invariant: 1,
    script:
      'cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline /proc/[0-9]*/task/*/environ; grep -h NSpid /proc/[0-9]*/status; echo; ls /proc | grep -c "^[0-9]"',
    async before(_, cleanup) {
      const child = spawn('/bin/sleep', ['600'], { env: { CANARY }, argv0: CANARY, stdio: 'ignore' })
      const ended = once(child, 'exit')
      cleanup.defer(async () => {
        child.kill('SIGKILL')
        await ended
      })
      await once(child, 'spawn')
    },
    verify({ stdout }) {
      // The guest, the shell and what it runs.
      expect(Number(stdout.trim().split('\n').at(-1))).toBeLessThanOrEqual(6)
      expect(stdout).toContain('HOST_FOLDER=')
    },
  },
  refused({
    id: 'kernel-settings',
    group: 'host',
    tries: "write `core_pattern`, `modprobe`, `binfmt_misc` and other settings of the host's kernel",
    wall: 'user namespace, masked `/proc`',
    invariant: 0,
    run: `reach write ${SETTINGS.join(' ')} /proc/sysrq-trigger`,
    names: [...SETTINGS, '/proc/sysrq-trigger'],
  }),
  {
    id: 'writable-settings',
    group: 'host',
    tries: 'write every writable setting under `/proc/sys` and `/sys`',
    wall: 'writable settings belong to its own IPC and pid namespaces',
    invariant: 0,
    script:
      'for setting in $(find /proc/sys /sys -type f -writable 2>/dev/null); do echo $setting; echo 400 > $setting; done; ls -A /sys 2>/dev/null; echo searched',
    verify({ stdout }) {
      const own = /^\/proc\/sys\/(fs\/mqueue\/\w+|kernel\/(auto_msgmni|(msg|shm)\w+|sem|ns_last_pid|pid_max))$/
      expect(stdout.split('\n').filter((line) => line !== '' && !own.test(line))).toEqual(['searched'])
    },
  },
  refused({
    id: 'kernel-memory',
    group: 'host',
    tries: "read the kernel's memory, messages and tables",
    wall: 'user namespace, minimal `/dev`, no `/sys`',
    invariant: 1,
    run: `reach read ${KERNEL_MEMORY.join(' ')}`,
    names: KERNEL_MEMORY,
  }),
  {
    id: 'kernel-addresses',
    group: 'host',
    tries: "learn the kernel's addresses and the machine's physical memory map",
    wall: 'no capabilities',
    invariant: 0,
    script: `awk '$1 !~ /^0+$/' /proc/kallsyms | head -3; awk -F '[- ]+' '$2 !~ /^0*$/ && $3 !~ /^0*$/' /proc/iomem | head -3; grep -E '^ +[0-9a-f]*[1-9a-f][0-9a-f]* ' /proc/modules | head -3; dmesg 2>/dev/null; echo looked`,
    verify({ stdout }) {
      expect(stdout).toBe('looked\n')
    },
  },
  refused({
    id: 'own-credentials-files',
    group: 'host',
    tries: 'rewrite its own id maps, login uid and time offsets in `/proc/self`',
    wall: 'user namespace',
    invariant: 11,
    run: `reach write ${OWN_MAPS.join(' ')}`,
    names: OWN_MAPS,
  }),
  {
    id: 'oom-score',
    group: 'host',
    tries: "make itself the last choice of the host's OOM killer",
    wall: 'no capabilities',
    invariant: 0,
    script:
      'for to in -1 -500 -1000; do echo $to > /proc/self/oom_score_adj && echo GOT THROUGH; done; cat /proc/self/oom_score_adj',
    verify({ stdout }) {
      expect(stdout).not.toContain('GOT THROUGH')
      expect(Number(stdout)).toBeGreaterThanOrEqual(0)
    },
  },
  {
    id: 'boot-arguments',
    group: 'host',
    tries: "read the host's boot arguments, which may hold passwords",
    wall: 'masked `/proc/cmdline`',
    invariant: 1,
    script: 'cat /proc/cmdline; cat /proc/bootconfig /proc/device-tree/chosen/bootargs 2>/dev/null',
    verify({ stdout }) {
      expect(stdout.trim()).toBe('')
    },
  },
  {
    id: 'cgroups',
    group: 'host',
    tries: "reach cgroups: `release_agent`, its own limits, the host's files",
    wall: 'no `/sys`, cgroup namespace',
    invariant: 0,
    script: `/opt/hostile/reach write ${CGROUP_FILES.join(' ')}; cut -d: -f3 /proc/self/cgroup | sort -u`,
    verify(outcome) {
      expectRefused(outcome, CGROUP_FILES)
      expect(outcome.stdout).toMatch(/\n\/\n$/)
    },
  },
]
