// How a sandbox is made (SandboxProvider) and how its inside is spoken to (Guest). One folder or file per kind.

export interface SandboxLimits {
  memoryBytes: number
  processes: number
  workspaceBytes: number
}

/** A host path shown inside. `source` is ours, never a path that a sandbox could have written. */
export interface Mount {
  source: string
  target: string
}

export interface SandboxFile {
  target: string
  content: string | Uint8Array
}

export interface SandboxSpec {
  run: string
  /** A fresh directory of ours on the host: the provider keeps workspace and sockets of this run below it. */
  directory: string
  /** Host path of the gateway's listening unix socket. */
  gatewaySocket: string
  /** Host path of the listening unix socket that the guest dials. */
  linkSocket: string
  /** Port on 127.0.0.1 inside the sandbox that the guest bridges to the gateway. */
  gatewayPort: number
  readOnlyMounts: readonly Mount[]
  files: readonly SandboxFile[]
  env: Readonly<Record<string, string>>
  limits: SandboxLimits
}

/** One thing that the machine must have for this kind of sandbox. */
export interface Probe {
  name: string
  found: boolean
  detail: string
  /** What mends it: a command, or the setting to change. */
  cure: string | null
}

export interface SandboxExit {
  code: number | null
  signal: string | null
  /** The last of what the sandbox's own tooling wrote to standard error, for the platform's error message. */
  stderr: string
}

export interface Sandbox {
  /** User id of its processes on the host; never 0. */
  readonly hostUid: number
  /** Digest of the image that its root is made of; null where it is made of the host's own files. */
  readonly image: string | null
  /** Why the guest can't record what happens in it; null where it can. */
  readonly unrecorded: string | null
  /**
   * Limit to what holds it, for the coverage report, e.g. `memory: 'cgroup-v1 4294967296'`. Resolves once all of them hold;
   * nothing of a task may run before. The guest comes up meanwhile.
   */
  readonly limitsInForce: Promise<Readonly<Record<string, string>>>
  readonly exited: Promise<SandboxExit>
  /**
   * Resolves with what was seen when somebody outside keeps the guest from running (SIGSTOP, a debugger, the cgroup
   * freezer), so that it records nothing more; the sandbox is being killed then (invariant 7). Stays pending otherwise.
   */
  readonly recorderStopped: Promise<string>
  /** What broke around it, so that it had to be ended; null as long as nothing did. */
  broken(): string | null
  /** The names of limits that were hit so far, e.g. `memory limit 4 GiB`. */
  limitsHit(): Promise<readonly string[]>
  /** Ends every process in it and resolves when none is left and its files are gone. Idempotent. */
  destroy(): Promise<void>
}

export interface SandboxProvider {
  readonly kind: string
  probe(): Promise<readonly Probe[]>
  /** Starts the box with the guest as PID 1; the guest then dials spec.linkSocket. */
  start(spec: SandboxSpec, signal: AbortSignal): Promise<Sandbox>
  /** Ends what a crashed instance left below its sandbox directory; returns the runs found. */
  reap(root: string): Promise<readonly string[]>
}

export interface CommandSpec {
  /** Index of the step, handed back in every report of its processes. */
  step: number
  argv: readonly string[]
  env: Readonly<Record<string, string>>
  cwd: string
  /**
   * Bytes of each stream that are passed on as they come. Of what is over it the guest passes on the last OUTPUT_TAIL_BYTES
   * (no more than the limit) when the step is over; what lies between is counted and dropped.
   */
  outputLimit: number
  /** false: the command runs without the recorder (benchmarks only). */
  record: boolean
  /** What is written to its standard input, in pieces; its end ends the input. Absent: there is none (/dev/null). */
  stdin?: AsyncIterable<Uint8Array>
}

/** See outputLimit. */
export const OUTPUT_TAIL_BYTES = 1024 * 1024

export interface CommandResult {
  code: number | null
  signal: number | null
  wallMs: number
  stdoutBytes: number
  stderrBytes: number
  outputOmitted: number
}

/** What the kernel told the guest. Bytes are as the kernel has them. Attacker-controlled. */
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
      /** Of the executed file; null when the guest can't read it. */
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
      /** Asked for; what the kernel then did could have been about another file. */
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
  /** Awaited before more is read from the link, so that a slow store slows the sandbox and nothing is lost. */
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
  /** The guest looks around in the sandbox: routes, resolver, capabilities, host files, its own uid. */
  selfTest(): Promise<readonly IsolationCheck[]>
  /** One command at a time. An aborted signal kills every process of the step; the promise then still resolves with what happened. */
  run(command: CommandSpec, sink: GuestSink, signal: AbortSignal): Promise<CommandResult>
  /**
   * Resolves when all that the running step did before is reported: what processes gathered and did not send yet is sent
   * now, and what they do again after it is listed again. Does nothing when no step runs. Not to be awaited by the sink,
   * which it waits for.
   */
  mark(): Promise<void>
  /** Reads a regular file in the sandbox without following a symlink at its end; null when there is none. */
  readFile(path: string, maxBytes: number): Promise<Uint8Array | null>
  coverage(): Promise<GuestCoverage>
  /** Rejects when the link breaks or the guest breaks protocol: the run must end (invariant 7). */
  readonly lost: Promise<never>
  close(): void
}

/** What a provider rejects with. The first five are mended on the machine or in the configuration: see probe(). */
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

/** The socket that a guest dials, before its sandbox is started. */
export interface GuestListener {
  /** The first connection is the guest's; there is no second. */
  accept(timeoutMs: number, signal: AbortSignal): Promise<Guest>
  close(): void
}

/** What the sandbox mounts so that tasks have the project's own Node and npm, whatever the host has. */
export interface Toolchain {
  mounts: readonly Mount[]
  /** Folders inside, in front of PATH. */
  path: readonly string[]
  /** Variables that lead programs to it. */
  environment: Readonly<Record<string, string>>
  versions: Readonly<Record<string, string>>
}

/** Those of the machine, which a task may name instead. */
export interface OtherToolchains {
  readonly names: readonly string[]
  /** Rejects with a sentence that names the folder when it is none. */
  open(name: string): Promise<Toolchain>
}
