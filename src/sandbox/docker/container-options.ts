// The body of POST /containers/create, as pure functions: what a sandbox can see and touch is decided here and nowhere
// else. Everything that the engine or the image would add by default is named, so that it is ours to decide.
import type { ContainerCreateOptions, MountSettings } from 'dockerode'
import type { Sources } from '../on-host/prepare-directory.ts'
import { SANDBOX_HOME, SANDBOX_HOSTNAME } from '../on-host/synthetic-files.ts'
import type { SandboxSpec } from '../types.ts'
import type { EngineFacts } from './engine-facts.ts'
import type { Image } from './resolve-image.ts'

export interface ContainerParts {
  spec: Pick<SandboxSpec, 'run' | 'env' | 'gatewayPort' | 'limits'>
  sources: Sources
  image: Image
  user: { uid: number; gid: number }
  labels: Readonly<Record<string, string>>
  runtime: string | null
  /** Upper bound of open files for each process. */
  openFiles: number
  facts: Pick<EngineFacts, 'limits' | 'podman' | 'rootless' | 'remapsIds'>
}

const MIB = 1024 ** 2

/** The kernel's usual share, for all processes of the sandbox together: see cgroup-limits.ts of bubblewrap. */
export const CPU_SHARES = 1024
const OPEN_FILES = 1024

/** What the engine sets by itself: HOSTNAME and PATH it always does, TERM with a terminal. */
const ENGINE_VARIABLES = ['HOSTNAME', 'PATH', 'TERM', 'container']

export function containerOptions(parts: ContainerParts): ContainerCreateOptions {
  const { spec, image, user, labels } = parts
  return {
    name: `glovebox-${spec.run}`,
    Image: image.id,
    Hostname: SANDBOX_HOSTNAME,
    User: `${user.uid}:${user.gid}`,
    WorkingDir: '/workspace',
    Entrypoint: ['/run/glovebox/guest'],
    Cmd: [
      ...['--link', '/run/glovebox/link.sock', '--gateway', '/run/glovebox/gateway.sock'],
      ...['--port', String(spec.gatewayPort)],
    ],
    Env: environment(spec.env, image.variables),
    // An image's health check would be run by the engine, past the guest and its record.
    Healthcheck: { Test: ['NONE'] },
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: true,
    OpenStdin: false,
    Tty: false,
    Labels: { ...labels },
    HostConfig: { ...isolation(parts), ...limits(parts), ...files(parts) },
  }
}

/** A name without `=` takes the variable away. */
function environment(env: Readonly<Record<string, string>>, ofImage: readonly string[]): string[] {
  const unwanted = new Set([...ofImage, ...ENGINE_VARIABLES].filter((name) => !(name in env)))
  return [...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...unwanted]
}

function isolation({ facts, runtime }: ContainerParts): ContainerCreateOptions['HostConfig'] {
  return {
    NetworkMode: 'none',
    IpcMode: 'private',
    PidMode: '',
    UTSMode: '',
    CgroupnsMode: 'private',
    UsernsMode: userNamespace(facts),
    Privileged: false,
    CapDrop: ['ALL'],
    CapAdd: [],
    GroupAdd: [],
    Devices: [],
    // The engine's own profiles of seccomp and AppArmor stay: nothing here takes them away.
    // Podman hears of paths to mask by its own option alone, which Docker would refuse.
    SecurityOpt: ['no-new-privileges', ...(facts.podman ? [`mask=${MASKED.join(':')}`] : [])],
    ReadonlyRootfs: true,
    MaskedPaths: [...MASKED],
    ReadonlyPaths: [...READ_ONLY],
    // The guest is PID 1 itself.
    Init: false,
    AutoRemove: false,
    RestartPolicy: { Name: 'no' },
    LogConfig: { Type: 'none', Config: {} },
    ...(runtime === null ? {} : { Runtime: runtime }),
  } as ContainerCreateOptions['HostConfig']
}

/**
 * The uid inside is the uid outside, so that the workspace belongs to it: an engine that maps ids would give another.
 * Podman without root keeps the account's own id when it is asked to.
 */
function userNamespace({ rootless, remapsIds }: ContainerParts['facts']): string {
  if (rootless) return 'keep-id'
  return remapsIds ? 'host' : ''
}

/** Docker's own list, and what tells of the host: its devices, and what it was booted with (invariant 1). */
const MASKED = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/cmdline',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys',
] as const

const READ_ONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'] as const

function limits({ spec, facts, openFiles }: ContainerParts): ContainerCreateOptions['HostConfig'] {
  const { memoryBytes, processes, workspaceBytes } = spec.limits
  return {
    ...(facts.limits.memory ? { Memory: memoryBytes, OomKillDisable: false } : {}),
    // Memory and swap together may not be more than memory alone.
    ...(facts.limits.memory && facts.limits.swap ? { MemorySwap: memoryBytes } : {}),
    ...(facts.limits.processes ? { PidsLimit: processes } : {}),
    ...(facts.limits.cpu ? { CpuShares: CPU_SHARES } : {}),
    Ulimits: [
      { Name: 'core', Soft: 0, Hard: 0 },
      { Name: 'fsize', Soft: workspaceBytes, Hard: workspaceBytes },
      { Name: 'nofile', Soft: Math.min(OPEN_FILES, openFiles), Hard: openFiles },
    ],
  }
}

function files({ spec, sources, user, facts }: ContainerParts): ContainerCreateOptions['HostConfig'] {
  const share = (part: number) => Math.max(MIB, Math.floor(spec.limits.memoryBytes / part))
  // Podman knows no owner of a tmpfs; there is nobody else in the box.
  const own = facts.podman ? 'mode=1777' : `mode=0700,uid=${user.uid},gid=${user.gid}`
  return {
    ShmSize: share(4),
    // What is written here is memory, and counted as such.
    Tmpfs: {
      '/tmp': `rw,exec,nosuid,nodev,mode=1777,size=${share(2)}`,
      // Whatever home folders an image has, none is shown but the run's own.
      '/home': `rw,noexec,nosuid,nodev,mode=0755,size=${MIB}`,
      [SANDBOX_HOME]: `rw,exec,nosuid,nodev,${own},size=${share(2)}`,
      '/root': `rw,noexec,nosuid,nodev,mode=0700,size=${MIB}`,
    },
    Mounts: [
      bind(sources.workspace, '/workspace', false),
      // A bound socket can be dialled though the mount is read-only, but not removed, replaced or changed.
      bind(sources.guest, '/run/glovebox/guest'),
      bind(sources.linkSocket, '/run/glovebox/link.sock'),
      bind(sources.gatewaySocket, '/run/glovebox/gateway.sock'),
      ...sources.mounts.map(({ source, target }) => bind(source, target)),
      ...sources.files.map(({ source, target }) => bind(`${sources.filesFolder}/${source}`, target)),
    ],
  }
}

function bind(source: string, target: string, readOnly = true): MountSettings {
  // A mount below the source would come along, and writable: read-only holds for the topmost alone.
  const options = { Propagation: 'rprivate', NonRecursive: true }
  return { Type: 'bind', Source: source, Target: target, ReadOnly: readOnly, BindOptions: options } as MountSettings
}
