// Attempts on host files that a run must not get.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Attempt } from '../../attempt.ts'
import { expectRefused, refused } from '../../expectations.ts'

const PRIVATE = [
  '/root/.bashrc',
  '/root/.ssh/id_rsa',
  '/etc/shadow',
  '/etc/gshadow',
  '/etc/sudoers',
  '/etc/machine-id',
  '/etc/ssh/sshd_config',
  '/boot/grub/grub.cfg',
  '/etc/npmrc',
  '/usr/etc/npmrc',
  '/usr/local/etc/npmrc',
  '/etc/gitconfig',
]
const READ_ONLY = [
  '/usr/bin/owned',
  '/etc/owned',
  '/etc/ld.so.preload',
  '/lib/owned',
  '/bin/owned',
  '/owned',
  '/dev/owned',
  '/proc/owned',
  '/run/glovebox/owned',
  '/opt/hostile/owned',
  '/opt/glovebox/bin/owned',
  '/opt/glovebox/npm/owned',
  '/etc/ssl/certs/owned',
]
const DEVICES = [
  'mem',
  'kmem',
  'port',
  'kmsg',
  'sda',
  'vda',
  'nvme',
  'loop',
  'fuse',
  'tun',
  'kvm',
  'vhost',
  'tty1',
  'console',
]

export const FILE_ATTEMPTS: readonly Attempt[] = [
  refused({
    id: 'host-files',
    group: 'host',
    tries: 'read accounts, keys, configuration and logs of the host',
    wall: 'mount namespace with an allow-list',
    invariant: 1,
    run: `reach read ${PRIVATE.join(' ')}`,
    names: PRIVATE,
  }),
  {
    id: 'machine-files',
    group: 'host',
    tries: "learn the host's name, resolvers, disks and installed packages from its files",
    wall: 'mount namespace with an allow-list',
    invariant: 1,
    script:
      'cat /etc/hostname /etc/resolv.conf /etc/fstab /etc/environment /etc/machine-id /var/log/dpkg.log 2>/dev/null; echo read',
    verify({ stdout }) {
      const inside = new Set(stdout.split('\n'))
      expect(inside).toContain('read')
      const files = ['hostname', 'resolv.conf', 'fstab', 'machine-id'].map((name) => join('/etc', name))
      const lines = files.filter((file) => existsSync(file)).flatMap((file) => readFileSync(file, 'utf8').split('\n'))
      expect(lines.filter((line) => /^[^#]/.test(line) && inside.has(line))).toEqual([])
    },
  },
  {
    id: 'data-folder',
    group: 'host',
    tries: "read Glovebox's data folder, the repository's original and a world-readable file of the host",
    wall: 'mount namespace',
    invariant: 1,
    script:
      '/opt/hostile/reach read "$HOST_FOLDER/secret" "$HOST_FOLDER/private" "$HOST_REPOSITORY/HEAD" "$HOST_DATA/glovebox.yaml" "$HOST_DATA/api-token"; /opt/hostile/reach list "$HOST_DATA" "$HOST_DATA/sandboxes" "$HOST_DATA/quarantine" "$HOST_FOLDER"; ls -A /tmp',
    verify(outcome, { folder, repository, data }) {
      expectRefused(outcome, [
        `${folder}/secret`,
        `${folder}/private`,
        `${repository}/HEAD`,
        `${data}/glovebox.yaml`,
        `${data}/api-token`,
        data,
        `${data}/sandboxes`,
        `${data}/quarantine`,
        folder,
      ])
      expect(outcome.stdout).toMatch(/refused \(ENOENT\)\nartifacts\n$/)
    },
  },
  refused({
    id: 'write-the-system',
    group: 'host',
    tries: 'create a file in `/usr`, `/etc`, `/`, the toolchain or beside the guest',
    wall: 'read-only mounts',
    invariant: 4,
    run: `reach make ${READ_ONLY.join(' ')}`,
    names: READ_ONLY,
  }),
  refused({
    id: 'device-nodes',
    group: 'host',
    tries: 'make device nodes: memory, disks, terminals, fuse, kvm',
    wall: 'user namespace',
    invariant: 4,
    run: 'reach devices',
    names: DEVICES,
  }),
  {
    id: 'devices',
    group: 'host',
    tries: 'find a device other than null, zero, full, random and its own terminals',
    wall: 'minimal `/dev`',
    invariant: 4,
    script: 'ls -A /dev; find /dev -type b; find / -xdev \\( -type b -o -type c \\) 2>/dev/null; ls /dev/pts',
    verify({ stdout }) {
      const known = 'console core fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero'.split(
        ' ',
      )
      expect(stdout.split('\n').filter((name) => name !== '' && !known.includes(name))).toEqual([])
    },
  },
  {
    id: 'setuid-programs',
    group: 'host',
    tries: 'gain privileges by each setuid and setgid program of the host',
    wall: 'no_new_privs, nosuid mounts',
    invariant: 11,
    script: `for program in $(find /usr /bin /sbin -xdev -perm /6000 -type f 2>/dev/null); do
      echo "found $program"
      timeout 1 "$program" -c 'id -u' < /dev/null >> /tmp/out 2>&1 &
    done
    wait; grep -x 0 /tmp/out && echo GOT THROUGH
    mount --bind /tmp /usr 2> /tmp/out && echo GOT THROUGH; cat /tmp/out
    cp /usr/bin/id own; chmod 6755 own; ./own -u; grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status`,
    verify({ stdout }) {
      expect(stdout).not.toContain('GOT THROUGH')
      expect(stdout).toMatch(/\n([1-9]\d*)\nUid:\t\1\t\1\t\1\t\1\nCapEff:\t0+\n/)
      expect(stdout).toMatch(/NoNewPrivs:\t1\nSeccomp:\t2\n/)
    },
  },
  {
    id: 'hard-links',
    group: 'host',
    tries: 'hard-link host files into the workspace, to keep or change them',
    wall: 'host files and workspace are on separate mounts',
    invariant: 4,
    script:
      '/opt/hostile/reach link /usr/bin/git /etc/passwd /run/glovebox/guest /run/glovebox/link.sock /proc/1/exe /proc/self/exe /opt/hostile/reach /dev/null',
    verify(outcome) {
      expectRefused(outcome, [
        '/usr/bin/git',
        '/etc/passwd',
        '/run/glovebox/guest',
        '/run/glovebox/link.sock',
        '/proc/1/exe',
        '/proc/self/exe',
        '/opt/hostile/reach',
        '/dev/null',
      ])
    },
  },
  {
    id: 'accounts',
    group: 'host',
    tries: "learn the host's accounts and host name",
    wall: 'synthetic files, UTS namespace',
    invariant: 1,
    script: 'cut -d: -f1 /etc/passwd; hostname; cat /etc/hosts',
    verify({ stdout }) {
      expect(stdout).toMatch(/^root\nglovebox\nnobody\nglovebox\n127\.0\.0\.1 localhost glovebox\n/)
    },
  },
  {
    id: 'core-dump',
    group: 'host',
    tries: 'crash, so that the host writes a core file or starts the `core_pattern` program',
    wall: 'core limit of 1 that cannot be changed',
    invariant: 0,
    script:
      "ulimit -c unlimited 2>&1; sh -c 'kill -SEGV $$'; sh -c 'kill -QUIT $$'; ls -A . /tmp /workspace | grep core; grep 'core file' /proc/self/limits",
    verify({ stdout }) {
      expect(stdout).not.toMatch(/^core/m)
      expect(stdout).toMatch(/Max core file size +[01] +[01] /)
    },
  },
  {
    id: 'environment',
    group: 'host',
    tries: 'find a host secret in its own environment',
    wall: 'the environment is built from nothing',
    invariant: 1,
    script: 'env | cut -d= -f1 | sort',
    verify({ stdout }) {
      expect(stdout).not.toMatch(/SECRET|TOKEN|PASSW|^SSH_|SUDO|XDG|VITEST|NODE_ENV/m)
      expect(stdout).toContain('GLOVEBOX_TASK\n')
    },
  },
]
