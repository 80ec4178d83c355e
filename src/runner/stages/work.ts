// Stage `work`: clones from the gateway's git, then runs each step through the guest.
import { START_BRANCH } from '../../domain/run.ts'
import { conditionHolds } from '../../domain/task/plan-steps.ts'
import type { PlannedStep } from '../../domain/task/plan-steps.ts'
import { ARTIFACTS_PATH, REPOSITORY_PATH, WORKSPACE } from '../environment.ts'
import type { Box } from './open.ts'
import type { RunnerParts } from '../job.ts'
import type { Prepared } from './prepare.ts'
import { runAgent } from '../agents/run-agent.ts'
import type { CommandContext } from '../steps/run-command.ts'
import type { StepOutcome } from '../steps/step-output.ts'
import { runCommand, skipStep } from '../steps/run-command.ts'
import { stopReason, StopReason } from '../stop-reason.ts'

export interface Worked {
  outcomes: readonly StepOutcome[]
  /** The first step whose failure counts; null if there is none. */
  failed: StepOutcome | null
  /** The agent step that should have repaired it and failed, too; null otherwise. */
  unrepaired: StepOutcome | null
}

/** Step 0 is the clone; the task's steps start at 1. */
export async function work(prepared: Prepared, box: Box, context: CommandContext, parts: RunnerParts): Promise<Worked> {
  await cloneRepository(prepared, box, context)
  const { steps } = prepared
  const outcomes: StepOutcome[] = []
  let failed: StepOutcome | null = null
  let unrepaired: StepOutcome | null = null
  const runStep = (step: PlannedStep, index: number): Promise<StepOutcome> =>
    step.kind === 'agent'
      ? runAgent(step, index, prepared, box, context, parts)
      : runCommand(context, index, { ...step, env: { ...box.env, ...step.env } })
  for (const [index, step] of steps.entries()) {
    const repairs = step.kind === 'agent' ? step.repairs : null
    const wanted = repairs === null ? conditionHolds(step.condition, failed !== null) : failed?.name === repairs
    const outcome: StepOutcome = wanted
      ? await runStep(step, index + 1)
      : await skipStep(context.record, index + 1, step.name, whySkipped(repairs, failed))
    throwIfStopped(context.signal)
    outcomes.push(outcome)
    if (countsAsFailure(outcome, step)) failed ??= outcome
    if (repairs !== null && wanted) unrepaired = hasFailed(outcome) ? outcome : null
    if (repairs === null || outcome.outcome !== 'succeeded') continue
    const at = steps.findIndex(({ name }) => name === repairs)
    const again = await runStep(steps[at]!, againIndex(steps.length, index))
    throwIfStopped(context.signal)
    outcomes[at] = again
    failed = again.outcome === 'succeeded' ? null : again
  }
  return { outcomes, failed, unrepaired }
}

function whySkipped(repairs: string | null, failed: StepOutcome | null): string {
  if (failed !== null) return `step \`${failed.name}\` failed`
  return repairs === null ? 'no step failed' : `step \`${repairs}\` succeeded`
}

/** Index of a repeated step. Steps start at 1, `collect` has the next index, and repeated steps follow. */
function againIndex(steps: number, index: number): number {
  return steps + 2 + index
}

function countsAsFailure(outcome: StepOutcome, step: PlannedStep): boolean {
  return hasFailed(outcome) && !step.continueOnError
}

function hasFailed({ outcome }: StepOutcome): boolean {
  return outcome === 'failed' || outcome === 'timed-out'
}

/**
 * $5, for another attempt: the branch with the reviewed files. They are put into the index and the work tree, and HEAD
 * stays at the base, so that what the run commits has only the base as its parent.
 */
const CLONE = `
git clone --quiet --branch "$1" -- "$2" "$3"
mkdir -p "$4"
if [ -n "$5" ]; then git -C "$3" read-tree -m -u HEAD "refs/remotes/origin/$5"; fi
`

/** Runs the clone as an ordinary step: inside, through the gateway, recorded. */
async function cloneRepository(prepared: Prepared, box: Box, context: CommandContext): Promise<void> {
  const outcome = await runCommand(context, 0, {
    name: 'clone',
    argv: [
      '/bin/sh',
      '-e',
      '-c',
      CLONE,
      'sh',
      prepared.targetBranch,
      prepared.forge.originUrl,
      REPOSITORY_PATH,
      ARTIFACTS_PATH,
      prepared.start === null ? '' : START_BRANCH,
    ],
    env: box.env,
    cwd: WORKSPACE,
    timeoutMs: null,
  })
  throwIfStopped(context.signal)
  if (outcome.outcome !== 'succeeded')
    throw new StopReason('error', 'the clone inside the sandbox failed; see `glovebox output RUN clone --stderr`')
}

export function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw stopReason(signal)
}
