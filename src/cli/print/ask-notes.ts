// Notes about a run's permission requests for a person who follows the run.
import type { Event, EventBody, EventKind } from '../../domain/event.ts'
import { formatText } from '../arguments/command-line.ts'
import type { SuggestCommand } from '../session/suggest-command.ts'
import { askCommands } from './print-ask.ts'
import { reason, type Refusal } from './refusals.ts'

export const ASK_KINDS: readonly EventKind[] = ['agent.asked', 'ask.opened', 'ask.decided']

/** Most undecided requests whose text is remembered, because an agent can send any number. */
const MAX_REMEMBERED = 1000

export interface AskNotes {
  /** A permanent, printable line about the event; null if there is nothing to report. */
  note(event: Event): string | null
  /** The request that the run waits for, printable; null if it waits for nobody. */
  waiting(): string | null
}

export function askNotes(command: SuggestCommand): AskNotes {
  const asked = new Map<string, string>()
  const open = new Set<string>()

  function words(ask: string): string {
    return asked.get(ask) ?? formatText(ask, 40)
  }

  function decided({ ask, outcome, by, note }: EventBody<'ask.decided'>): string | null {
    const wasOpen = open.delete(ask)
    const what = words(ask)
    asked.delete(ask)
    // A request that policy allows at once needs no line, because the action itself is shown.
    if (!wasOpen && outcome === 'allowed') return null
    const why = by === 'person' ? '' : ` (${REASONS[by]})`
    return `${outcome}${why}: ${what}${note === null ? '' : `, ${formatText(note, 200)}`}`
  }

  return {
    note(event) {
      switch (event.kind) {
        case 'agent.asked':
          if (asked.size < MAX_REMEMBERED) asked.set(event.body.ask, askedWords(event.body))
          return null
        case 'ask.opened': {
          const { ask } = event.body
          open.add(ask)
          const [allow, deny] = askCommands(formatText(ask, 40), command)
          return `the agent asks: ${words(ask)}\n  ${allow}\n  ${deny}`
        }
        case 'ask.decided':
          return decided(event.body)
        default:
          return null
      }
    },
    waiting() {
      const [first] = open
      if (first === undefined) return null
      const more = open.size > 1 ? ` and ${open.size - 1} more` : ''
      return `waits for a person: ${words(first)}${more}`
    },
  }
}

/** Denied requests of agents, for a summary. */
export function deniedAsks(): (event: Event) => Omit<Refusal, 'times'> | null {
  const asked = new Map<string, string>()
  return (event) => {
    if (event.kind === 'agent.asked' && asked.size < MAX_REMEMBERED) asked.set(event.body.ask, askedWords(event.body))
    if (event.kind !== 'ask.decided') return null
    const { ask, outcome, by, reasons, note } = event.body
    const what = `the agent: ${asked.get(ask) ?? formatText(ask, 40)}`
    asked.delete(ask)
    if (outcome === 'allowed') return null
    if (by === 'policy') return { what, why: reason(reasons, note ?? undefined) }
    const who = by === 'person' ? `denied by ${event.actor.id}` : REASONS[by]
    return { what, why: note === null ? who : `${who}: ${formatText(note, 200)}` }
  }
}

function askedWords({ tool, title, command }: EventBody<'agent.asked'>): string {
  const text = command === null ? formatText(title, 200) : `$ ${formatText(command, 200)}`
  return `${formatText(tool, 40)} ${text}`
}

const REASONS = { policy: 'policy', deadline: 'nobody answered in time', end: 'the run ended' } as const
