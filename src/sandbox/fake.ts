// A sandbox in memory, and a guest that does what a test tells it: for tests of what drives them.
import type {
  CommandResult,
  CommandSpec,
  Guest,
  GuestCoverage,
  GuestSink,
  IsolationCheck,
  Probe,
  Sandbox,
  SandboxExit,
  SandboxProvider,
  SandboxSpec,
} from './types.ts'

export interface FakeSandbox extends Sandbox {
  readonly spec: SandboxSpec
  readonly destroyed: boolean
  /** Ends it as a crash would, or as a limit that was hit. */
  exit(exit: Partial<SandboxExit>, ...limits: string[]): void
  /** As when somebody outside stops the guest. */
  stopRecorder(detail: string): void
}

export interface FakeProvider extends SandboxProvider {
  readonly started: readonly FakeSandbox[]
}

export interface FakeProviderOptions {
  probes?: readonly Probe[]
  /** Rejects the next start when it throws. */
  onStart?: (spec: SandboxSpec) => void
  /** Runs that reap() finds. */
  leftovers?: readonly string[]
}

export function createFakeProvider(options: FakeProviderOptions = {}): FakeProvider {
  const started: FakeSandbox[] = []
  return {
    kind: 'fake',
    started,
    probe: async () => options.probes ?? [{ name: 'fake', found: true, detail: 'always there', cure: null }],
    async start(spec, signal) {
      signal.throwIfAborted()
      options.onStart?.(spec)
      const sandbox = createFakeSandbox(spec)
      started.push(sandbox)
      return sandbox
    },
    reap: async () => options.leftovers ?? [],
  }
}

function createFakeSandbox(spec: SandboxSpec): FakeSandbox {
  const { promise: exited, resolve } = Promise.withResolvers<SandboxExit>()
  const recorderStopped = Promise.withResolvers<string>()
  const hits: string[] = []
  let destroyed = false
  return {
    spec,
    hostUid: 700_000,
    image: null,
    unrecorded: null,
    limitsInForce: Promise.resolve({
      memory: `fake ${spec.limits.memoryBytes}`,
      processes: `fake ${spec.limits.processes}`,
      workspace: `fake ${spec.limits.workspaceBytes}`,
    }),
    exited,
    recorderStopped: recorderStopped.promise,
    stopRecorder: recorderStopped.resolve,
    broken: () => null,
    get destroyed() {
      return destroyed
    },
    exit(exit, ...limits) {
      hits.push(...limits)
      resolve({ code: null, signal: 'SIGKILL', stderr: '', ...exit })
    },
    limitsHit: async () => [...hits],
    async destroy() {
      destroyed = true
      resolve({ code: null, signal: 'SIGKILL', stderr: '' })
    },
  }
}

/**
 * Plays a command: may read its standard input, write to the sink, wait for the signal; what it leaves out of the result
 * is a success.
 */
export type FakeCommand = (
  command: CommandSpec,
  sink: GuestSink,
  signal: AbortSignal,
) => Promise<Partial<CommandResult> | void>

export interface FakeGuestOptions {
  run?: FakeCommand
  /** A mark during a command; may give reports to its sink first. */
  mark?: () => Promise<void> | void
  files?: Readonly<Record<string, Uint8Array>>
  isolation?: readonly IsolationCheck[]
  coverage?: Partial<GuestCoverage>
}

export interface FakeGuest extends Guest {
  readonly commands: readonly CommandSpec[]
  /** Marks taken during commands so far. */
  readonly marks: number
  readonly closed: boolean
  /** Breaks the link (invariant 7). */
  lose(error: Error): void
}

export function createFakeGuest(options: FakeGuestOptions = {}): FakeGuest {
  const commands: CommandSpec[] = []
  const { promise: lost, reject: lose } = Promise.withResolvers<never>()
  lost.catch(() => undefined) // a test that never looks at it is no crash
  let closed = false
  let running = false
  let marks = 0
  return {
    version: 'fake',
    commands,
    lost,
    lose,
    get closed() {
      return closed
    },
    selfTest: async () => options.isolation ?? [{ check: 'fake', passed: true, detail: 'nothing to escape from' }],
    async run(command, sink, signal) {
      if (running) throw new Error('one command at a time')
      running = true
      commands.push(command)
      const input = command.stdin?.[Symbol.asyncIterator]()
      const played = input ? { ...command, stdin: { [Symbol.asyncIterator]: () => input } } : command
      try {
        const result = await Promise.race([options.run?.(played, sink, signal), lost])
        return { code: 0, signal: null, wallMs: 1, stdoutBytes: 0, stderrBytes: 0, outputOmitted: 0, ...result }
      } finally {
        running = false
        // As the real one: nobody reads it any more.
        input?.return?.().catch(() => undefined)
      }
    },
    get marks() {
      return marks
    },
    async mark() {
      if (!running) return
      marks += 1
      await Promise.race([options.mark?.(), lost])
    },
    async readFile(path, maxBytes) {
      const bytes = options.files?.[path]
      if (bytes && bytes.length > maxBytes) throw new Error(`${path} is over ${maxBytes} bytes`)
      return bytes ?? null
    },
    coverage: async () => ({ mechanism: 'fake', dropped: 0, complete: true, blindSpots: [], ...options.coverage }),
    close() {
      closed = true
    },
  }
}
