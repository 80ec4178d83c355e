// One sandbox with its gateway, opened in the runner's way, for commands with and without the recorder.
import { watchNothing } from '../src/runner/steps/live-output.ts'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { upstreamAdvisories } from '../src/advisories/upstream-advisories.ts'
import { parseTask } from '../src/domain/task/parse-task.ts'
import type { Run } from '../src/domain/run.ts'
import { newId } from '../src/domain/ids.ts'
import { openRunGateway } from '../src/gateway/open-run-gateway.ts'
import type { RunModels } from '../src/gateway/model/open-models.ts'
import { npmRegistry } from '../src/gateway/registries/npm/npm-registry.ts'
import type { NpmUpstream } from '../src/gateway/registries/npm/upstream.ts'
import type { Gateway } from '../src/gateway/types.ts'
import { GATEWAY_PORT } from '../src/gateway/types.ts'
import { authoriseRun } from '../src/runner/authorise-run.ts'
import { baseEnvironment, WORKSPACE } from '../src/runner/environment.ts'
import { kernelEvents } from '../src/runner/steps/kernel-events.ts'
import { runCommand } from '../src/runner/steps/run-command.ts'
import { recordFor } from '../src/runner/run-record.ts'
import { listenForGuest } from '../src/sandbox/link/listen-for-guest.ts'
import { SandboxError } from '../src/sandbox/types.ts'
import type { Guest, Mount, Sandbox } from '../src/sandbox/types.ts'
import { BenchError } from './bench-error.ts'
import type { Workbench } from './workbench.ts'

export interface BoxCommand {
  argv: readonly string[]
  cwd?: string
  env?: Readonly<Record<string, string>>
}

export interface Box {
  /**
   * Milliseconds from the call until the command has ended and its record is durable. Rejects unless it exits with 0.
   */
  recorded(command: BoxCommand): Promise<number>
  unrecorded(command: BoxCommand): Promise<number>
  /** Milliseconds from the call until the first byte of output. Recorded like above. */
  untilFirstByte(command: BoxCommand): Promise<number>
  /** Standard output of an unrecorded command. */
  output(command: BoxCommand): Promise<string>
}

/** The run of a sandbox, with its open gateway. */
export interface BoxGround {
  run: Run
  directory: string
  gatewaySocket: string
  gateway: Gateway
}

const TASK = parseTask(
  'name: bench\ndescription: Work to measure\nmode: read-only\nreach: [npm]\nsteps: [run: "true"]\n',
  'bench',
)
const OUTPUT_LIMIT = TASK.limits.output
const DIAL_TIMEOUT_MS = 30_000

export async function prepareGround(
  bench: Workbench,
  npm: NpmUpstream,
  resources: AsyncDisposableStack,
  models?: (run: string) => RunModels,
): Promise<BoxGround> {
  const run = runOf(bench)
  const directory = join(bench.sandboxes, run.id)
  await mkdir(directory, { recursive: true, mode: 0o711 })
  const gatewaySocket = join(directory, 'gateway.sock')
  const parts = { git: bench.git, registries: async () => [npmRegistry(npm)] }
  const gateway = await openRunGateway(parts, {
    run: { id: run.id, actor: { id: `run:${run.id}` }, mode: run.mode, branch: 'bench', reach: TASK.reach },
    socketPath: gatewaySocket,
    quarantine: join(directory, 'quarantine'),
    originUrl: 'https://git.glovebox.internal/bench.git',
    baseCommit: '0'.repeat(40),
    advisories: upstreamAdvisories(npm),
    authorise: authoriseRun(run, TASK, { git: [], read: [] }, bench.policy, bench.store),
    store: bench.store,
    ...(models && { models: models(run.id) }),
    signal: bench.signal,
  })
  resources.defer(() => gateway.close())
  return { run, directory, gatewaySocket, gateway }
}

/** Resolves when the guest has dialled in and passed the isolation self-test, like at the start of a run. */
export async function openBox(
  bench: Workbench,
  ground: BoxGround,
  mounts: readonly Mount[],
  resources: AsyncDisposableStack,
): Promise<Box> {
  const { run, directory, gatewaySocket, gateway } = ground
  const linkSocket = join(directory, 'link.sock')
  const listener = await listenForGuest(linkSocket)
  resources.defer(() => listener.close())
  const env = baseEnvironment(run, { toolchain: bench.toolchain, gateway, baseTime: 0, gitHosts: [] })
  const spec = {
    run: run.id,
    directory,
    gateway: { kind: 'unix' as const, path: gatewaySocket },
    link: { kind: 'unix' as const, path: linkSocket },
    env,
    gatewayPort: GATEWAY_PORT,
    readOnlyMounts: [...bench.toolchain.mounts, ...mounts],
    files: gateway.trustFiles,
    limits: {
      memoryBytes: TASK.limits.memory,
      processes: TASK.limits.processes,
      workspaceBytes: TASK.limits.workspace,
    },
  }
  const sandbox = await bench.provider.start(spec, bench.signal).catch(unavailableOr)
  resources.defer(() => sandbox.destroy())
  const guest = await guestOf(sandbox, listener.accept(DIAL_TIMEOUT_MS, bench.signal))
  resources.defer(() => guest.close())
  const leaks = (await guest.selfTest()).filter((check) => !check.passed)
  if (leaks.length > 0)
    throw new BenchError('failed', `the isolation self-test failed: ${leaks.map(({ check }) => check).join(', ')}`)
  await sandbox.limitsInForce
  return boxOf(bench, run.id, guest, env)
}

/**
 * Rejects if the record of a measured command lost reports. Does not check `complete`, which is false because of
 * unrecorded steps.
 */
async function refuseLosses(guest: Guest): Promise<void> {
  const { dropped } = await guest.coverage()
  if (dropped > 0) throw new BenchError('failed', `the record is not complete: ${dropped} reports were dropped`)
}

function boxOf({ store, signal }: Workbench, run: string, guest: Guest, base: Readonly<Record<string, string>>): Box {
  let step = 0
  const record = recordFor(run, store)
  const blobs = store.blobs
  const full = ({ argv, cwd = WORKSPACE, env = {} }: BoxCommand) => ({ argv, cwd, env: { ...base, ...env } })
  const plain = (command: BoxCommand, recording: boolean) => ({
    ...full(command),
    step: step++,
    outputLimit: OUTPUT_LIMIT,
    record: recording,
  })

  async function withoutRecorder(
    command: BoxCommand,
    output: (stream: string, bytes: Uint8Array) => void,
  ): Promise<void> {
    const { code } = await guest.run(plain(command, false), { output, reports: () => {} }, signal)
    if (code !== 0) throw new BenchError('failed', `${command.argv.join(' ')} ended with ${code} in the sandbox`)
  }

  return {
    async recorded(command) {
      const start = performance.now()
      const named = { ...full(command), name: command.argv[0] ?? '', timeoutMs: null }
      const outcome = await runCommand(
        { guest, blobs, record, watch: watchNothing, recording: true, outputLimit: OUTPUT_LIMIT, signal },
        step++,
        named,
      )
      const ms = performance.now() - start
      if (outcome.outcome !== 'succeeded')
        throw new BenchError('failed', `${command.argv.join(' ')} ${outcome.outcome} in the sandbox`)
      await refuseLosses(guest)
      return ms
    },
    async unrecorded(command) {
      const start = performance.now()
      await withoutRecorder(command, () => {})
      return performance.now() - start
    },
    async untilFirstByte(command) {
      const start = performance.now()
      let first = Number.NaN
      const sink = {
        output: () => void (Number.isNaN(first) && (first = performance.now() - start)),
        async reports(reports: Parameters<Parameters<Guest['run']>[1]['reports']>[0]) {
          await record.kernel((await Promise.all(reports.map((report) => kernelEvents(report, blobs)))).flat())
        },
      }
      const { code } = await guest.run(plain(command, true), sink, signal)
      if (code !== 0 || Number.isNaN(first))
        throw new BenchError('failed', `${command.argv.join(' ')} said nothing in the sandbox`)
      return first
    },
    async output(command) {
      const decoder = new TextDecoder()
      let text = ''
      await withoutRecorder(command, (stream, bytes) => {
        if (stream === 'stdout') text += decoder.decode(bytes, { stream: true })
      })
      return text
    },
  }
}

/** Waits for the guest. If the sandbox ends first, its standard error is a better explanation than a timeout. */
function guestOf(sandbox: Sandbox, dialled: Promise<Guest>): Promise<Guest> {
  const died = sandbox.exited.then(({ stderr }) => {
    throw new BenchError('failed', `the sandbox ended before its guest dialled in: ${stderr.trim().slice(-500)}`)
  })
  return Promise.race([dialled, died])
}

function unavailableOr(error: unknown): never {
  const lacking = error instanceof SandboxError && ['missing-tool', 'user-namespaces-forbidden'].includes(error.code)
  if (lacking) throw new BenchError('unavailable', error.message, { cause: error })
  throw error
}

function runOf({ ids }: Workbench): Run {
  const now = ids.now()
  return {
    id: newId(ids),
    task: TASK.name,
    taskSource: 'ad-hoc',
    repository: '/bench',
    ref: null,
    commit: null,
    mode: TASK.mode,
    inputs: {},
    sandbox: 'bubblewrap',
    requester: { id: 'service:bench' },
    status: 'running',
    reason: null,
    createdAt: now,
    startedAt: now,
    finishedAt: null,
    trigger: 'manual',
    plan: null,
    attempt: 1,
    priority: 0,
    request: null,
    cancelledBy: null,
  }
}
