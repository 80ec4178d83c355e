// bwrap(1) arguments as pure functions. This file alone decides what a sandbox can see and touch.
import type { Sources } from '../on-host/prepare-directory.ts'
import type { SandboxSpec } from '../types.ts'
import { SANDBOX_HOME, SANDBOX_HOSTNAME } from '../on-host/synthetic-files.ts'
import { isInRoot, type CopiedFiles } from './copied-files.ts'
import { INFO_FD } from './info-fd.ts'
import type { RootEntry } from './system-root.ts'

/** Uid that the sandbox's processes see in their own user namespace. */
export const SANDBOX_UID = 1000

const MIB = 1024 ** 2

/** Mount points besides those for the host's folders and the run's own mounts. */
const MOUNT_POINTS = ['/proc', '/dev', '/tmp', '/run', '/workspace', SANDBOX_HOME]

/**
 * All arguments, from bwrap's options to the guest's own; adds to `copied` the files that bwrap inherits as
 * descriptors.
 */
export function bwrapArguments(
  spec: Pick<SandboxSpec, 'env' | 'gatewayPort' | 'limits'>,
  sources: Sources,
  root: readonly RootEntry[],
  launcher: readonly string[],
  copied: CopiedFiles,
): string[] {
  const mountPoints = [
    ...MOUNT_POINTS,
    ...[...root.filter(isMount), ...sources.mounts.map(({ target }) => ({ path: target }))].map(({ path }) => path),
  ]
  const given = new Set(sources.files.map(({ target }) => target))
  return [
    ...isolation(),
    ...Object.entries(spec.env).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['/etc', '/home'].flatMap((path) => ['--perms', '0755', '--dir', path]),
    ...root.filter(({ path }) => !given.has(path)).flatMap((entry) => rootArguments(entry, copied)),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...scratch(spec.limits.memoryBytes),
    ...['--bind', sources.workspace, '/workspace'],
    // Read-only: a step can dial the bound socket but can't remove, replace or change it.
    ...['--ro-bind', sources.guest, '/run/glovebox/guest'],
    ...['--ro-bind', sources.linkSocket, '/run/glovebox/link.sock'],
    ...['--ro-bind', sources.gatewaySocket, '/run/glovebox/gateway.sock'],
    // Mounts before files: a file may go into a mount that already has a mount point for it.
    ...sources.mounts.flatMap(({ source, target }) => ['--ro-bind', source, target]),
    ...sources.files.flatMap(({ source, target }) =>
      isInRoot(target, mountPoints)
        ? copied.add(`${sources.ownFilesFolder}/${source}`, target)
        : ['--ro-bind', `${sources.filesFolder}/${source}`, target],
    ),
    // Last, because bwrap creates the mount points above in these folders.
    ...['/run/glovebox', '/dev', '/'].flatMap((path) => ['--remount-ro', path]),
    ...['--chdir', '/workspace', '--'],
    ...launcher,
    ...['/run/glovebox/guest', '--link', '/run/glovebox/link.sock'],
    ...['--gateway', '/run/glovebox/gateway.sock', '--port', String(spec.gatewayPort)],
  ]
}

function isolation(): string[] {
  return [
    ...['--unshare-user', '--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup'],
    ...['--die-with-parent', '--as-pid-1', '--new-session', '--clearenv', '--info-fd', String(INFO_FD)],
    ...['--hostname', SANDBOX_HOSTNAME, '--uid', String(SANDBOX_UID), '--gid', String(SANDBOX_UID)],
    // The guest traces its steps with this capability, within its own user namespace. Steps start without it.
    ...['--cap-drop', 'ALL', '--cap-add', 'CAP_SYS_PTRACE'],
  ]
}

function isMount({ kind }: RootEntry): boolean {
  return kind === 'bind' || kind === 'mask'
}

function rootArguments(entry: RootEntry, copied: CopiedFiles): string[] {
  if (entry.kind === 'symlink') return ['--symlink', entry.target, entry.path]
  if (entry.kind === 'mask')
    return ['--perms', '0755', '--size', '4096', '--tmpfs', entry.path, '--remount-ro', entry.path]
  if (entry.kind === 'file') return copied.add(entry.path, entry.path)
  return ['--ro-bind', entry.path, entry.path]
}

/** Tmpfs mounts, whose contents take memory. Their sizes bound it where no cgroup counts memory. */
function scratch(memoryBytes: number): string[] {
  const share = (part: number) => String(Math.max(MIB, Math.floor(memoryBytes / part)))
  return [
    ...['--perms', '1777', '--size', share(2), '--tmpfs', '/tmp'],
    ...['--perms', '0700', '--size', share(2), '--tmpfs', SANDBOX_HOME],
    ...['--perms', '1777', '--size', share(4), '--tmpfs', '/dev/shm'],
    ...['--perms', '0755', '--size', String(16 * MIB), '--tmpfs', '/run'],
    // A separate mount, because a step could replace a plain folder, with its sockets, by a folder of its own.
    ...['--perms', '0755', '--size', String(MIB), '--tmpfs', '/run/glovebox'],
  ]
}
