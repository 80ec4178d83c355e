// A box under real bubblewrap, as an unprivileged user, that holds a guest and nothing of Glovebox around it.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChildProcess } from 'node:child_process'
import { IS_ROOT } from '../machine.ts'

export const BUILD = join(import.meta.dirname, '../../build/guest')
export const GATEWAY_PORT = 8080
const SANDBOX_UID = 700_001

export interface Box {
  /** bubblewrap's process on the host; the guest is its child. */
  box: ChildProcess
  directory: string
  workspace: string
  gatewaySocket: string
  readonly exited: Promise<void>
  /** What the guest itself wrote to standard error. */
  complaints(): string
}

export interface BoxOptions {
  binary?: string
  ptrace?: boolean
}

export interface Launched extends Box {
  /** Once the box has ended by itself, or because of what the caller did. */
  remove(): Promise<void>
}

/** `listen` has somebody listen at the given path, where the guest then dials. */
export async function launchBox(options: BoxOptions, listen: (socket: string) => Promise<void>): Promise<Launched> {
  const { binary = 'glovebox-guest', ptrace = true } = options
  const directory = await mkdtemp(join(tmpdir(), 'glovebox-guest-'))
  await chmod(directory, 0o711)
  const workspace = join(directory, 'workspace')
  const sockets = join(directory, 'sockets')
  await mkdir(workspace)
  await mkdir(sockets)
  if (IS_ROOT) await chown(workspace, SANDBOX_UID, SANDBOX_UID)
  await chmod(sockets, 0o711)
  await listen(join(sockets, 'link.sock'))
  await chmod(join(sockets, 'link.sock'), 0o666)
  const [program = '', ...argv] = [...asUnprivilegedUser(), 'bwrap', ...boxArguments(directory, binary, ptrace)]
  const box = spawn(program, argv, {
    stdio: ['ignore', 'inherit', 'pipe'],
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
  })
  let stderr = ''
  box.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString('latin1')))
  const exited = new Promise<void>((resolve) => box.once('close', () => resolve()))
  return {
    box,
    directory,
    workspace,
    gatewaySocket: join(sockets, 'gateway.sock'),
    exited,
    complaints: () => stderr,
    async remove() {
      await exited
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function asUnprivilegedUser(): string[] {
  if (!IS_ROOT) return []
  return ['setpriv', `--reuid=${SANDBOX_UID}`, `--regid=${SANDBOX_UID}`, '--clear-groups', '--']
}

function boxArguments(directory: string, binary: string, ptrace: boolean): string[] {
  const node = process.execPath
  return [
    '--unshare-all',
    '--die-with-parent',
    '--as-pid-1',
    '--uid',
    '1000',
    '--gid',
    '1000',
    '--clearenv',
    ...(ptrace ? ['--cap-add', 'CAP_SYS_PTRACE'] : []),
    '--ro-bind',
    '/usr',
    '/usr',
    '--symlink',
    'usr/lib',
    '/lib',
    '--symlink',
    'usr/bin',
    '/bin',
    '--symlink',
    'usr/sbin',
    '/sbin',
    ...(existsSync('/lib64') ? ['--symlink', 'usr/lib64', '/lib64'] : []),
    '--ro-bind-try',
    '/etc/alternatives',
    '/etc/alternatives',
    '--ro-bind-try',
    '/etc/ld.so.cache',
    '/etc/ld.so.cache',
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--tmpfs',
    '/tmp',
    '--dir',
    '/run/glovebox',
    '--bind',
    join(directory, 'workspace'),
    '/workspace',
    '--bind',
    join(directory, 'sockets'),
    '/run/glovebox/sockets',
    '--ro-bind',
    join(BUILD, binary),
    '/run/glovebox/guest',
    '--ro-bind',
    join(BUILD, 'programs'),
    '/run/glovebox/programs',
    '--ro-bind',
    node,
    '/run/glovebox/bin/node',
    '--remount-ro',
    '/',
    '--chdir',
    '/',
    '--',
    '/run/glovebox/guest',
    '--link',
    '/run/glovebox/sockets/link.sock',
    '--gateway',
    '/run/glovebox/sockets/gateway.sock',
    '--port',
    String(GATEWAY_PORT),
  ]
}
