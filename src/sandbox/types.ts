// Interfaces for creating a sandbox (SandboxProvider) and for talking to its inside (Guest). One folder or file per
// kind.

export interface SandboxLimits {
  memoryBytes: number
  processes: number
  workspaceBytes: number
}

/** A host path shown inside. `source` belongs to Glovebox; it is never a path that a sandbox could have written. */
export interface Mount {
  source: string
  target: string
}

export interface SandboxFile {
  target: string
  content: string | Uint8Array
}

/** A listening unix socket of ours, by its path on the host: for a sandbox on this machine, which is shown it. */
export interface UnixEndpoint {
  kind: 'unix'
  path: string
}

/** For a sandbox on another machine. The guest presents the credential first, so that no other caller gets through. */
export interface TcpEndpoint {
  kind: 'tcp'
  host: string
  port: number
  credential: Uint8Array
}

/** Where the inside of a sandbox reaches a listener of ours. */
export type Endpoint = UnixEndpoint | TcpEndpoint

export interface SandboxSpec {
  run: string
  /** A fresh host directory of Glovebox, below which the provider keeps this run's workspace and sockets. */
  directory: string
  /** Where the guest reaches the gateway. */
  gateway: Endpoint
  /** Where the guest dials Glovebox. */
  link: Endpoint
  /** Port on 127.0.0.1 inside the sandbox that the guest bridges to the gateway. */
  gatewayPort: number
  readOnlyMounts: readonly Mount[]
  files: readonly SandboxFile[]
  env: Readonly<Record<string, string>>
  limits: SandboxLimits
}

/** The spec of a sandbox on this machine. */
export interface LocalSpec extends SandboxSpec {
  gateway: UnixEndpoint
  link: UnixEndpoint
}

/** One requirement of this kind of sandbox on the machine. */
export interface Probe {
  name: string
  found: boolean
  detail: string
  /** A command or a setting that fixes the problem. */
  cure: string | null
  /** true: found, but weaker than Glovebox can be. `detail` says what follows. */
  weak?: boolean
}

export interface SandboxExit {
  code: number | null
  signal: string | null
  /** End of the standard error of the sandbox's own tools, for the platform's error message. */
  stderr: string
}

export interface Sandbox {
  /** User id of its processes on the host; never 0. */
  readonly hostUid: number
  /** Digest of the image of its root; null if the root consists of the host's files. */
  readonly image: string | null
  /** Why the guest can't record what happens inside; null if it can. */
  readonly unrecorded: string | null
  /**
   * Maps each limit to its mechanism, for the coverage report, e.g. `memory: 'cgroup-v1 4294967296'`. Resolves once all
   * limits are in force. The guest comes up meanwhile, but no command of a task may run before.
   */
  readonly limitsInForce: Promise<Readonly<Record<string, string>>>
  readonly exited: Promise<SandboxExit>
  /**
   * Resolves with a sentence when a process outside stops the guest (SIGSTOP, a debugger, the cgroup freezer), so that
   * it records nothing more. The sandbox is then being killed (invariant 7). Stays pending otherwise.
   */
  readonly recorderStopped: Promise<string>
  /** Failure around the sandbox that forced its end, such as a lost engine or a failed watcher; null without one. */
  broken(): string | null
  /** Names of the limits that were hit so far, e.g. `memory limit 4 GiB`. */
  limitsHit(): Promise<readonly string[]>
  /** Ends every process in the sandbox. Resolves when no process and no file of it is left. Idempotent. */
  destroy(): Promise<void>
}

export interface SandboxProvider {
  readonly kind: string
  probe(): Promise<readonly Probe[]>
  /** Starts the box with the guest as PID 1; the guest then dials spec.link. */
  start(spec: SandboxSpec, signal: AbortSignal): Promise<Sandbox>
  /** Ends the sandboxes that a crashed instance left below `root`; returns their runs. */
  reap(root: string): Promise<readonly string[]>
}

export interface CommandSpec {
  /** Index of the step, repeated in every report about its processes. */
  step: number
  argv: readonly string[]
  env: Readonly<Record<string, string>>
  cwd: string
  /**
   * Bytes of each stream that the guest passes on at once. Beyond this limit it keeps the last OUTPUT_TAIL_BYTES (at
   * most the limit) and passes them on at the end of the step. It counts and drops the bytes in between.
   */
  outputLimit: number
  /** false: the command runs without the recorder (benchmarks only). */
  record: boolean
  /** Pieces of its standard input; the input ends with the last one. Absent: /dev/null. */
  stdin?: AsyncIterable<Uint8Array>
}

/** Most bytes kept from the end of a stream; see outputLimit. */
export const OUTPUT_TAIL_BYTES = 1024 * 1024

export interface CommandResult {
  code: number | null
  signal: number | null
  wallMs: number
  stdoutBytes: number
  stderrBytes: number
  outputOmitted: number
}

/** A report of the kernel to the guest, with bytes exactly as the kernel has them. Attacker-controlled. */
export type GuestReport =
  | {
      kind: 'process.started'
      step: number
      pid: number
      parent: number
      origin: 'exec' | 'fork'
      argv: readonly Uint8Array[]
      argvOmitted: number
      cwd: Uint8Array
      executable: Uint8Array
      /** Digest of the executed file; null when the guest can't read the file. */
      executableSha256: Uint8Array | null
    }
  | {
      kind: 'process.exited'
      step: number
      pid: number
      code: number | null
      signal: number | null
      wallMs: number
      cpuMs: number
      maxRssBytes: number
    }
  | {
      kind: 'file.accessed'
      step: number
      pid: number
      read: readonly Uint8Array[]
      written: readonly Uint8Array[]
      created: readonly Uint8Array[]
      removed: readonly Uint8Array[]
      renamed: readonly { from: Uint8Array; to: Uint8Array }[]
      /** Hard links: `from` names the same file as the new name `to`. */
      linked?: readonly { from: Uint8Array; to: Uint8Array }[]
      /** Paths that the process asked for. The kernel may then have acted on another file. */
      attempted: readonly Uint8Array[]
      omitted: number
    }
  | {
      kind: 'file.hashed'
      step: number
      pid: number
      files: readonly { path: Uint8Array; bytes: number; sha256: Uint8Array }[]
      omitted: number
    }
  | {
      kind: 'net.attempted'
      step: number
      pid: number
      family: 'unix' | 'inet' | 'inet6' | 'other'
      address: Uint8Array
      port: number
      times: number
    }

export interface GuestCoverage {
  mechanism: string
  dropped: number
  /** false when the recorder lost a process or a notification it can't account for. */
  complete: boolean
  blindSpots: readonly string[]
}

export interface GuestSink {
  /** The link waits for this before it reads on, so that a slow store slows the sandbox and nothing is lost. */
  output(stream: 'stdout' | 'stderr', bytes: Uint8Array): Promise<void> | void
  reports(reports: readonly GuestReport[]): Promise<void> | void
}

export interface IsolationCheck {
  check: string
  passed: boolean
  detail: string
}

/** A guest that has dialled in. */
export interface Guest {
  readonly version: string
  /** Lets the guest check the sandbox: routes, resolver, capabilities, host files, its own uid. */
  selfTest(): Promise<readonly IsolationCheck[]>
  /**
   * Runs one command at a time. An aborted signal kills every process of the step; the promise still resolves with the
   * result.
   */
  run(command: CommandSpec, sink: GuestSink, signal: AbortSignal): Promise<CommandResult>
  /**
   * Resolves when every earlier action of the running step is reported. Reports that were still being gathered are sent
   * now; the same actions after the mark are reported again. Does nothing when no step runs. The sink must not await
   * it, because it waits for the sink.
   */
  mark(): Promise<void>
  /** Reads a regular file in the sandbox without following a symlink at its end; null when there is none. */
  readFile(path: string, maxBytes: number): Promise<Uint8Array | null>
  coverage(): Promise<GuestCoverage>
  /** Rejects when the link breaks or the guest breaks protocol: the run must end (invariant 7). */
  readonly lost: Promise<never>
  close(): void
}

/** Error of a provider. The first five codes are fixed on the machine or in the configuration: see probe(). */
export class SandboxError extends Error {
  readonly code:
    | 'missing-tool'
    | 'user-namespaces-forbidden'
    | 'engine-unavailable'
    | 'engine-forbidden'
    | 'image-unusable'
    | 'bad-spec'
    | 'no-free-uid'
    | 'start-failed'
    | 'not-ended'
  constructor(code: SandboxError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SandboxError'
    this.code = code
  }
}

/** Listener on the socket that a guest dials, created before its sandbox starts. */
export interface GuestListener {
  /** Accepts the first connection as the guest's, and no second one. */
  accept(timeoutMs: number, signal: AbortSignal): Promise<Guest>
  close(): void
}

/** Mounts that give tasks Glovebox's own Node and npm, whatever the host has. */
export interface Toolchain {
  mounts: readonly Mount[]
  /** Folders inside that come first in PATH. */
  path: readonly string[]
  /** Environment variables that point programs to it. */
  environment: Readonly<Record<string, string>>
  versions: Readonly<Record<string, string>>
}

/** Toolchains of the machine that a task may name instead of the built-in one. */
export interface OtherToolchains {
  readonly names: readonly string[]
  /** Rejects with a sentence that names the folder when it is not a toolchain. */
  open(name: string): Promise<Toolchain>
}
