// Facts about a finished run for its summary, read through the client.
import type { Client } from '../../contract/client.ts'
import { ProblemError } from '../../contract/problem-error.ts'
import type { ArtifactInfo, ChangeDetail, RunDetail } from '../../contract/resources.ts'
import type { AdvisoryReport } from '../../domain/change.ts'
import type { EventBody, EventKind } from '../../domain/event.ts'
import type { Run, TraceSummary } from '../../domain/run.ts'
import { type ChangedFile, filesOfDiff } from './diff-files.ts'
import { failedStep, lastLines } from './failed-step.ts'
import { deniedAsks } from './ask-notes.ts'
import { addFound, addRefusal, REFUSAL_KINDS, type RefusalList } from './refusals.ts'
import { addSpending, type ModelSpending, noSpending } from './model-spending.ts'
import { collectStepCommands, type StepCommands } from './step-commands.ts'
import { readAll } from '../text/write.ts'

export type StepResult = EventBody<'step.finished'>

export interface RunSummary {
  run: Run
  trace: TraceSummary
  /** Notes for the requester about the set-up of the run. */
  notes: readonly string[]
  /** Maps each tool of the sandbox to its version. */
  toolchain: Readonly<Record<string, string>>
  steps: StepResult[]
  /** Number of steps of the plan; null before the plan, or if an older version made it. */
  stepCount: number | null
  /** The step at work. */
  current: EventBody<'step.started'> | null
  /** Last lines of the output of the step whose failure ended the run; printable. */
  failedOutput: readonly string[]
  commands: StepCommands
  refused: RefusalList
  spending: ModelSpending
  /** Failures that the platform reported. */
  failures: string[]
  coverage: EventBody<'coverage.reported'> | null
  advisories: AdvisoryReport | null
  change: ChangeDetail | null
  /** Files of the change's diff; `filesWhole` is false if the diff was too large to read completely. */
  files: ChangedFile[]
  filesWhole: boolean
  artifacts: ArtifactInfo[]
}

const KINDS: EventKind[] = [
  'run.planned',
  'prompt.given',
  'process.started',
  'step.started',
  'step.finished',
  ...REFUSAL_KINDS,
  'agent.asked',
  'ask.decided',
  'platform.failed',
  'coverage.reported',
]
const MAX_DIFF_BYTES = 16 * 1024 * 1024

/** `run`: an id, a prefix or `latest`. */
export async function collectRunSummary(client: Client, run: string): Promise<RunSummary> {
  const detail: RunDetail = await client.getRun({ params: { run } })
  const summary: RunSummary = {
    ...detail,
    notes: [],
    toolchain: {},
    steps: [],
    stepCount: null,
    current: null,
    failedOutput: [],
    commands: collectStepCommands(),
    refused: { refusals: [], omitted: 0 },
    spending: noSpending(),
    failures: [],
    coverage: null,
    files: [],
    filesWhole: true,
  }
  const denied = deniedAsks()
  const agents = new Set<number>()
  for await (const event of await client.readEvents({ params: { run: detail.run.id }, query: { kind: KINDS } })) {
    addRefusal(summary.refused, event)
    const ask = denied(event)
    if (ask !== null) addFound(summary.refused, ask)
    addSpending(summary.spending, event)
    if (event.kind === 'run.planned') {
      summary.notes = event.body.notes
      summary.toolchain = event.body.toolchain
      summary.stepCount = event.body.steps ?? null
    }
    if (event.kind === 'prompt.given') agents.add(event.body.step)
    if (event.kind === 'step.started') summary.current = event.body
    if (event.kind === 'process.started') summary.commands.add(event.body)
    if (event.kind === 'step.finished') {
      summary.steps.push(event.body)
      summary.current = null
    }
    if (event.kind === 'coverage.reported') summary.coverage = event.body
    if (event.kind === 'platform.failed') summary.failures.push(event.body.detail)
  }
  const failed = detail.run.status === 'failed' ? failedStep(summary.steps) : undefined
  if (failed !== undefined)
    summary.failedOutput = await lastLines(client, detail.run.id, failed, agents.has(failed.step))
  if (detail.change !== null) await readFiles(client, summary, detail.change)
  return summary
}

async function readFiles(client: Client, summary: RunSummary, { change }: ChangeDetail): Promise<void> {
  try {
    const { bytes } = await client.readDiff({ params: { change: change.id } })
    const diff = await readAll(bytes, MAX_DIFF_BYTES)
    summary.files = filesOfDiff(new TextDecoder().decode(diff.bytes))
    summary.filesWhole = diff.whole
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== 'removed') throw error
    summary.notes = [...summary.notes, error.message]
  }
}

/** Output of `run --json`. */
export function runJson({
  run,
  change,
  trace,
  notes,
  advisories,
}: Pick<RunSummary, 'run' | 'change' | 'trace' | 'notes' | 'advisories'>) {
  return {
    run,
    change: change === null ? null : changeJson(change),
    trace,
    ...(notes.length === 0 ? {} : { notes }),
    ...(advisories === null
      ? {}
      : {
          advisories: {
            before: advisories.examined.before ? idsOf(advisories.before) : null,
            after: advisories.examined.after ? idsOf(advisories.after) : null,
            ...(advisories.note === null ? {} : { note: advisories.note }),
          },
        }),
  }
}

function changeJson({ change }: ChangeDetail) {
  const { id, status, branch, commit, files, insertions, deletions, title, target, base } = change
  return { id, status, branch, commit, files, insertions, deletions, title, target, base }
}

function idsOf(advisories: readonly { id: string }[]): string[] {
  return [...new Set(advisories.map((advisory) => advisory.id))]
}
