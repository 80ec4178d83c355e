// The body of POST /containers/create as pure functions. This file alone decides what a container sandbox can see and
// touch. It sets every option for which the engine or the image has a default.
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

/** The kernel's default weight, for all processes of the sandbox together. See bubblewrap/cgroup-limits.ts. */
export const CPU_SHARES = 1024
const OPEN_FILES = 1024

/** Variables that engines set by themselves: HOSTNAME and PATH always, TERM with a terminal, `container` in Podman. */
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
    // The engine would run an image's health check without the guest, so it would not be recorded.
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

/** Entries of `Env`. A name without `=` removes the variable. */
function environment(env: Readonly<Record<string, string>>, ofImage: readonly string[]): string[] {
  const unwanted = new Set([...ofImage, ...ENGINE_VARIABLES].filter((name) => !Object.hasOwn(env, name)))
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
    // The engine's default seccomp and AppArmor profiles stay in force, because no option here turns them off.
    // Podman masks paths only through its own option, which Docker refuses.
    SecurityOpt: ['no-new-privileges', ...(facts.podman ? [`mask=${MASKED.join(':')}`] : [])],
    ReadonlyRootfs: true,
    MaskedPaths: [...MASKED],
    ReadonlyPaths: [...READ_ONLY],
    // The guest is PID 1, not the engine's init program.
    Init: false,
    AutoRemove: false,
    RestartPolicy: { Name: 'no' },
    LogConfig: { Type: 'none', Config: {} },
    ...(runtime === null ? {} : { Runtime: runtime }),
  } as ContainerCreateOptions['HostConfig']
}

/**
 * The uid inside must equal the uid outside, so that the sandbox owns its workspace. An engine that maps ids would
 * change it; rootless Podman keeps the account's own id when asked.
 */
function userNamespace({ rootless, remapsIds }: ContainerParts['facts']): string {
  if (rootless) return 'keep-id'
  return remapsIds ? 'host' : ''
}

/** Docker's own list, and files that describe the host: its devices and its kernel command line (invariant 1). */
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
  // Podman can't set the owner of a tmpfs. Mode 1777 is safe, because the box has no other user.
  const own = facts.podman ? 'mode=1777' : `mode=0700,uid=${user.uid},gid=${user.gid}`
  return {
    ShmSize: share(4),
    // Contents of a tmpfs are memory, and the memory limit counts them.
    Tmpfs: {
      '/tmp': `rw,exec,nosuid,nodev,mode=1777,size=${share(2)}`,
      // Covers the image's home folders; the sandbox sees only the run's own.
      '/home': `rw,noexec,nosuid,nodev,mode=0755,size=${MIB}`,
      [SANDBOX_HOME]: `rw,exec,nosuid,nodev,${own},size=${share(2)}`,
      '/root': `rw,noexec,nosuid,nodev,mode=0700,size=${MIB}`,
    },
    Mounts: [
      bind(sources.workspace, '/workspace', false),
      // Read-only: a step can dial the bound socket but can't remove, replace or change it.
      bind(sources.guest, '/run/glovebox/guest'),
      bind(sources.linkSocket, '/run/glovebox/link.sock'),
      bind(sources.gatewaySocket, '/run/glovebox/gateway.sock'),
      ...sources.mounts.map(({ source, target }) => bind(source, target)),
      ...sources.files.map(({ source, target }) => bind(`${sources.filesFolder}/${source}`, target)),
    ],
  }
}

function bind(source: string, target: string, readOnly = true): MountSettings {
  // A recursive bind would also bring mounts below the source, and those writable: read-only covers only the topmost.
  const options = { Propagation: 'rprivate', NonRecursive: true }
  return { Type: 'bind', Source: source, Target: target, ReadOnly: readOnly, BindOptions: options } as MountSettings
}
