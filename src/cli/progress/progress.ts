// Progress of a run for a person: a few redrawn lines on a terminal, permanent lines elsewhere.
import type { Event, EventBody, EventKind } from '../../domain/event.ts'
import { ASK_KINDS, askNotes } from '../print/ask-notes.ts'
import type { OutputStream } from '../cli-environment.ts'
import type { SuggestCommand } from '../session/suggest-command.ts'
import { formatText } from '../arguments/command-line.ts'
import { countOf, formatDuration } from '../text/quantities.ts'
import { refusalNotes } from '../print/refusals.ts'

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
  'net.requested',
  'net.attempted',
  'git.fetched',
  'git.pushed',
  'policy.decided',
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

/** A permanent, printable line for an important event; null for other events. */
export function lastingLine(event: Event): string | null {
  switch (event.kind) {
    case 'run.planned':
      return plannedLine(event.body)
    case 'stage.started':
      return stageWords(event.body.stage)
    case 'step.started':
      return `step #${event.body.step} ${formatText(event.body.name, 100)}`
    case 'step.finished': {
      const { step, name, outcome, wallMs } = event.body
      const took = outcome === 'skipped' ? '' : ` after ${formatDuration(wallMs)}`
      return `step #${step} ${formatText(name, 100)}: ${outcome}${took}`
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
  return {
    kinds: LASTING,
    event(event) {
      const line = lastingLine(event) ?? refused(event) ?? asks.note(event)
      if (line !== null) note(line)
    },
    note,
    stop: () => {},
  }
}
