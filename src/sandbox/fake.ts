// A fake sandbox in memory and a guest that does what a test tells it, for tests of the code that drives them.
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
  /** Ends the sandbox as a crash or a reached limit would. */
  exit(exit: Partial<SandboxExit>, ...limits: string[]): void
  /** Behaves as if a process outside had stopped the guest. */
  stopRecorder(detail: string): void
}

export interface FakeProvider extends SandboxProvider {
  readonly started: readonly FakeSandbox[]
}

export interface FakeProviderOptions {
  probes?: readonly Probe[]
  /** Called at each start, which rejects when this throws. */
  onStart?: (spec: SandboxSpec) => void
  /** Runs that reap() returns. */
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
 * Plays a command: may read its standard input, write to the sink and wait for the signal. Fields that it leaves out of
 * the result mean success.
 */
export type FakeCommand = (
  command: CommandSpec,
  sink: GuestSink,
  signal: AbortSignal,
) => Promise<Partial<CommandResult> | void>

export interface FakeGuestOptions {
  run?: FakeCommand
  /** Called for a mark during a command; may first give reports to the command's sink. */
  mark?: () => Promise<void> | void
  files?: Readonly<Record<string, Uint8Array>>
  isolation?: readonly IsolationCheck[]
  coverage?: Partial<GuestCoverage>
}

export interface FakeGuest extends Guest {
  readonly commands: readonly CommandSpec[]
  /** Number of marks taken during commands so far. */
  readonly marks: number
  readonly closed: boolean
  /** Breaks the link (invariant 7). */
  lose(error: Error): void
}

export function createFakeGuest(options: FakeGuestOptions = {}): FakeGuest {
  const commands: CommandSpec[] = []
  const { promise: lost, reject: lose } = Promise.withResolvers<never>()
  lost.catch(() => undefined) // a test that never awaits it must not crash
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
        // Like the real guest: the command's input has no reader any more.
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
