// Progress of a run for a person: a few redrawn lines on a terminal, permanent lines elsewhere.
import type { Event, EventBody, EventKind } from '../../domain/event.ts'
import { ASK_KINDS, askNotes } from '../print/ask-notes.ts'
import type { OutputStream } from '../cli-environment.ts'
import type { SuggestCommand } from '../session/suggest-command.ts'
import { formatText } from '../arguments/command-line.ts'
import { countOf, formatDuration } from '../text/quantities.ts'
import { REFUSAL_KINDS, refusalNotes } from '../print/refusals.ts'

export interface Progress {
  /** Kinds of events that it uses; null: all kinds. */
  readonly kinds: readonly EventKind[] | null
  event(event: Event): void
  /** Shows a permanent line. */
  note(line: string): void
  stop(): void
}

export const MAX_REFUSALS = 50

const LASTING: readonly EventKind[] = [
  'run.planned',
  'stage.started',
  'step.started',
  'step.finished',
  ...REFUSAL_KINDS,
  'change.proposed',
  'platform.failed',
  ...ASK_KINDS,
  'run.finished',
]

const STAGES = new Map([
  ['resolve', 'reading the repository'],
  ['prepare', 'preparing the quarantine'],
  ['open', 'creating the sandbox'],
  ['work', 'working'],
  ['collect', 'collecting the changes'],
  ['close', 'closing the sandbox'],
  ['inspect', 'inspecting the changes'],
  ['propose', 'proposing the change'],
])

/** Description of a stage for a waiting person. */
export function stageWords(stage: string): string {
  return STAGES.get(stage) ?? formatText(stage, 100)
}

/** For example `step 4 of 10`. A step that runs again has a number above the count. */
export function stepPlace(step: number, count: number | null): string {
  return count !== null && step < count ? `step ${step + 1} of ${count}` : `step #${step}`
}

/** A permanent, printable line for an important event; null for other events. `count`: the steps of the plan. */
export function lastingLine(event: Event, count: number | null): string | null {
  switch (event.kind) {
    case 'run.planned':
      return plannedLine(event.body)
    case 'stage.started':
      return stageWords(event.body.stage)
    case 'step.started':
      return `${stepPlace(event.body.step, count)}: ${formatText(event.body.name, 100)}`
    case 'step.finished': {
      const { step, name, outcome, wallMs, note } = event.body
      const took = outcome === 'skipped' ? '' : ` after ${formatDuration(wallMs)}`
      const why = note === undefined ? '' : ` (${formatText(note, 200)})`
      return `${stepPlace(step, count)}: ${formatText(name, 100)} ${outcome}${took}${why}`
    }
    case 'change.proposed':
      return `change ${event.body.change}: ${formatText(event.body.title, 200)}`
    case 'platform.failed':
      return `failed: ${formatText(event.body.detail, 500)}`
    case 'run.finished':
      return `run ${event.body.status} after ${formatDuration(event.body.wallMs)}`
    default:
      return null
  }
}

/** Names the commit, since a run never sees files that are not committed. */
export function plannedLine({ commit, target, uncommitted = 0 }: EventBody<'run.planned'>): string {
  const works = `The run works on commit ${commit.slice(0, 12)} of branch ${formatText(target, 200)}`
  if (uncommitted === 0) return works
  return `${works}; ${countOf(uncommitted, 'uncommitted file')} ${uncommitted === 1 ? 'is' : 'are'} not part of it`
}

export function plainProgress(stream: OutputStream, command: SuggestCommand): Progress {
  const note = (line: string) => void stream.write(`${line}\n`)
  const refused = refusalNotes(MAX_REFUSALS)
  const asks = askNotes(command)
  let count: number | null = null
  return {
    kinds: LASTING,
    event(event) {
      if (event.kind === 'run.planned') count = event.body.steps ?? null
      const line = lastingLine(event, count) ?? refused(event) ?? asks.note(event)
      if (line !== null) note(line)
    },
    note,
    stop: () => {},
  }
}
