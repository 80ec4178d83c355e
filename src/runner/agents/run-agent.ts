// Runs one agent step: starts the agent as a process in the sandbox and talks to it over its standard streams. Records
// its messages as its own claims, and its actions as the kernel sees them.
import type { AgentExit, AgentHost, AgentKind, AgentOutcome, Launch, ModelAddress } from '../../agents/types.ts'
import { bytesOf } from '../../domain/byte-text.ts'
import { newId } from '../../domain/ids.ts'
import type { PlannedAgent } from '../../domain/task/plan-steps.ts'
import type { CommandResult } from '../../sandbox/types.ts'
import { agentVerdict } from './agent-verdict.ts'
import { createAgentStreams, MAX_AHEAD_BYTES } from './agent-streams.ts'
import type { AgentStreams } from './agent-streams.ts'
import { agentArgv } from '../plan/choose-toolchain.ts'
import { openAskDesk } from '../asks/ask-desk.ts'
import { chooseAgent, installedAgent } from './choose-agent.ts'
import type { RunnerParts } from '../job.ts'
import type { Box } from '../stages/open.ts'
import type { Prepared } from '../stages/prepare.ts'
import type { CommandContext } from '../steps/run-command.ts'
import type { StepOutcome } from '../steps/step-output.ts'
import { resultFields, sinkFor, skipStep } from '../steps/run-command.ts'
import { modelTrouble } from './model-trouble.ts'
import { readPrompt } from './read-prompt.ts'
import { recordedArgv } from '../steps/recorded-argv.ts'
import { recordLostStep } from '../steps/lost-step.ts'
import { openOutput } from '../steps/step-output.ts'
import type { StepOutput } from '../steps/step-output.ts'
import { StopReason } from '../stop-reason.ts'

const HOME = '/home/glovebox'
/** An agent writes JSON to its output as long as it works. The record's limit bounds the total. */
const MIN_OUTPUT_BYTES = 256 * 1024 * 1024
const START_MS = 60_000
const GRACE_MS = 10_000
/** Time, in ms, that an agent has to exit after its turn, when its input has ended. */
const LEAVE_MS = 5000
const TURN_OVER = new StopReason('cancelled', "the agent's turn is over")

export async function runAgent(
  step: PlannedAgent,
  index: number,
  prepared: Prepared,
  box: Box,
  context: CommandContext,
  parts: RunnerParts,
): Promise<StepOutcome> {
  const { record } = context
  if (prepared.agent === null) {
    if (step.optional) return skipStep(record, index, step.name, 'no model is connected')
    throw new StopReason(
      'failed',
      `step \`${step.name}\` asks an agent, and no model is connected; see \`glovebox connection set --help\``,
    )
  }
  const { kind, model } = chooseAgent(parts.agents, step, prepared.agent)
  const prompt = await readPrompt(step, prepared, box.guest)
  const { folder, installHint } = await installedAgent(kind, parts)
  const launch = kind.launch({
    model,
    prompt,
    folder,
    home: HOME,
    cwd: step.cwd,
    maxTurns: step.maxTurns,
  })
  const bytes = new TextEncoder().encode(prompt)
  const kept = await context.blobs.put(bytes)
  await record.platform('prompt.given', {
    step: index,
    agent: kind.name,
    connection: model.connection,
    model: model.model,
    wire: model.wire,
    prompt: kept.digest,
    bytes: bytes.length,
    maxTurns: step.maxTurns,
    budget: step.budget,
  })
  const program = agentArgv(launch, prepared.plan.toolchainName)
  const argv = withFiles({ ...launch, argv: program })
  await record.platform('step.started', {
    step: index,
    name: step.name,
    ...(await recordedArgv(program.map(bytesOf), context.blobs)),
    workingDirectory: step.cwd,
  })
  const output = await openOutput(context.blobs, outputLimit(context))
  const started = performance.now()
  try {
    const calls = kind.countsTurns ? {} : { calls: step.maxTurns }
    box.models.limitStep(step.name, { ...step.budget, ...calls })
    const led = await lead({
      step,
      index,
      kind: { ...kind, installHint },
      model,
      launch,
      argv,
      prompt,
      prepared,
      box,
      context,
      parts,
      output,
    }).catch(async (error: unknown) => {
      await recordLostStep(context, { step: index, name: step.name, started }, output, error)
      throw error
    })
    const finished: StepOutcome = {
      step: index,
      name: step.name,
      ...resultFields(led.result),
      ...(await output.finish(led.result)),
      ...agentVerdict({
        agent: led.outcome,
        timedOut: led.timedOut,
        stopped: context.signal,
        trouble: await modelTrouble(prepared.run.id, index, parts),
      }),
    }
    await record.platform('step.finished', finished)
    return finished
  } finally {
    box.models.limitStep(step.name, null)
    await output.abort()
  }
}

interface Lead {
  step: PlannedAgent
  index: number
  kind: AgentKind
  model: ModelAddress
  launch: Launch
  argv: readonly string[]
  prompt: string
  prepared: Prepared
  box: Box
  context: CommandContext
  parts: RunnerParts
  output: StepOutput
}

interface Led {
  result: CommandResult
  outcome: AgentOutcome
  timedOut: boolean
}

/** Starts the process, drives it through the prompt, and waits for its end. */
async function lead(options: Lead): Promise<Led> {
  const { step, index, kind, model, launch, argv, prompt, box, context, parts, output } = options
  const { guest } = context
  const over = new AbortController()
  // Ends pending permission requests when the turn is over, because nobody waits for the answers.
  const turn = new AbortController()
  const timeout = step.timeoutMs === null ? null : AbortSignal.timeout(step.timeoutMs)
  const stopped = timeout === null ? context.signal : AbortSignal.any([context.signal, timeout])
  const streams = createAgentStreams()
  const command = {
    step: index,
    argv,
    env: { ...box.env, ...step.env, ...launch.env },
    cwd: step.cwd,
    outputLimit: outputLimit(context),
    record: context.recording,
    stdin: streams.stdin,
  }
  // The driver gets the stop first, so that it can tell the agent. The process is killed later.
  const running = guest.run(command, sinkOf(output, streams, context), over.signal)
  // `running` is awaited below in any case.
  running.then(
    (result) => streams.close(exitOf(result)),
    () => streams.close({ signalled: true, status: 9 }),
  )
  using late = killAfter(stopped, over, GRACE_MS + LEAVE_MS)
  void late
  try {
    const outcome = await parts.drive({
      kind,
      launch,
      channel: streams.channel,
      host: hostFor(options, AbortSignal.any([stopped, turn.signal])),
      model,
      cwd: step.cwd,
      prompt,
      signal: stopped,
      graceMs: GRACE_MS,
      startMs: START_MS,
    })
    turn.abort(TURN_OVER)
    await streams.channel.end()
    const leaving = setTimeout(() => over.abort(), LEAVE_MS)
    const result = await running.finally(() => clearTimeout(leaving))
    return { result, outcome: streams.flooded ? flood(kind) : outcome, timedOut: timeout?.aborted ?? false }
  } catch (error) {
    turn.abort(TURN_OVER)
    over.abort()
    await running.catch(() => {})
    throw error
  }
}

function outputLimit(context: CommandContext): number {
  return Math.max(context.outputLimit, MIN_OUTPUT_BYTES)
}

function sinkOf(output: StepOutput, streams: AgentStreams, context: CommandContext) {
  const sink = sinkFor(output, context)
  return {
    ...sink,
    async output(stream: 'stdout' | 'stderr', bytes: Uint8Array) {
      await sink.output(stream, bytes)
      // Bytes after a gap are not a valid message of the agent.
      if (stream === 'stdout' && output.isWhole(stream)) streams.push(bytes)
    },
  }
}

function hostFor({ index, kind, prepared, context, parts }: Lead, signal: AbortSignal): AgentHost {
  const { guest, record, blobs } = context
  const asks = openAskDesk(parts, parts.askMs)
  return {
    async record(fact) {
      // The mark puts all earlier actions on the record, so that the order of events shows which actions belong to the
      // call.
      if (bounds(fact)) await guest.mark()
      await record.agent(fact.kind, { ...fact.body, step: index } as never)
    },
    keep: async (bytes) => (await blobs.put(bytes)).digest as `sha256:${string}`,
    async permit(request) {
      // The mark puts all actions before the answer on the record before it.
      await guest.mark()
      return asks.permit(prepared.run, index, kind.name, request, signal)
    },
    newId: () => newId(parts.ids),
  }
}

function bounds(fact: Parameters<AgentHost['record']>[0]): boolean {
  if (fact.kind === 'agent.tool-updated') return fact.body.status === 'completed' || fact.body.status === 'failed'
  return fact.kind === 'agent.started' || fact.kind === 'agent.tool-called' || fact.kind === 'agent.asked'
}

function exitOf({ code, signal }: CommandResult): AgentExit {
  return code === null ? { signalled: true, status: signal ?? 9 } : { signalled: false, status: code }
}

function flood({ title }: AgentKind): AgentOutcome {
  const mib = MAX_AHEAD_BYTES / 1024 ** 2
  return {
    outcome: 'failed',
    message: `${title} wrote ${mib} MiB faster than they could be recorded; the rest of its output was ignored`,
  }
}

/** argv that first writes the agent's own files inside the sandbox, because no host folder is mounted writable. */
function withFiles({ argv, files }: Launch): readonly string[] {
  if (files.length === 0) return argv
  const script = 'while [ "$1" != -- ]; do mkdir -p "${1%/*}"; printf %s "$2" > "$1"; shift 2; done; shift; exec "$@"'
  return [
    '/bin/sh',
    '-e',
    '-c',
    script,
    'sh',
    ...files.flatMap(({ target, content }) => [target, content]),
    '--',
    ...argv,
  ]
}

function killAfter(stopped: AbortSignal, over: AbortController, ms: number): Disposable {
  let timer: NodeJS.Timeout | null = null
  const start = (): void => void (timer ??= setTimeout(() => over.abort(), ms))
  if (stopped.aborted) start()
  stopped.addEventListener('abort', start, { once: true })
  return {
    [Symbol.dispose]() {
      stopped.removeEventListener('abort', start)
      if (timer) clearTimeout(timer)
    },
  }
}
