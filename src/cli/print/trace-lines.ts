// The events of a run for people: a heading for each step, and reads of system files only as counts. All of the text may
// come from a sandbox.
import type { ByteText } from '../../domain/byte-text.ts'
import type { Event, EventBody } from '../../domain/event.ts'
import { formatText } from '../arguments/command-line.ts'
import { countOf } from '../text/quantities.ts'
import type { Style } from '../text/style.ts'
import { eventLine } from './event-line.ts'

export interface TraceLines {
  /** Lines to print now. */
  add(event: Event): string[]
  /** Lines that were held back; call it after the last event. */
  end(): string[]
}

/** One line for each event. */
export function everyEvent(start: number, style: Style): TraceLines {
  return { add: (event) => [eventLine(event, start, style)], end: () => [] }
}

/** `start`: time of the run's first event, in milliseconds since the epoch. */
export function eventsBySteps(start: number, style: Style): TraceLines {
  let isFirst = true
  let stepEnded = false
  let held = { events: 0, reads: 0 }

  function end(): string[] {
    const { events, reads } = held
    held = { events: 0, reads: 0 }
    if (events === 0) return []
    const words = `${countOf(events, 'event')} with only ${countOf(reads, 'read')} of system files`
    return [style.dim(`${' '.repeat(8)}${words}; --all shows ${events === 1 ? 'it' : 'them'}`)]
  }

  function before(event: Event): string[] {
    const needsGap = !isFirst && (event.kind === 'step.started' || stepEnded)
    isFirst = false
    stepEnded = event.kind === 'step.finished'
    return [
      ...(needsGap ? [''] : []),
      ...(event.kind === 'step.started'
        ? [style.bold(`Step #${event.body.step} ${formatText(event.body.name, 100)}`)]
        : []),
    ]
  }

  return {
    end,
    add(event) {
      if (event.kind === 'file.accessed' && isOnlySystemReads(event.body)) {
        held.events++
        held.reads += event.body.read.length
        return []
      }
      const isOfStep = event.kind !== 'step.started' && event.kind !== 'step.finished'
      return [...(isOfStep ? [] : end()), ...before(event), briefLine(event, start, style)]
    },
  }
}

function briefLine(event: Event, start: number, style: Style): string {
  if (event.kind !== 'file.accessed') return eventLine(event, start, style)
  const read = event.body.read.filter((path) => !isSystemFile(path))
  const system = event.body.read.length - read.length
  const line = eventLine({ ...event, body: { ...event.body, read } }, start, style)
  return system === 0 ? line : `${line}; read ${countOf(system, 'system file')}`
}

/** Whatever the event has besides, even if it is not listed, is shown. */
function isOnlySystemReads(body: EventBody<'file.accessed'>): boolean {
  const { read, written, created, removed, renamed, linked = [], attempted, omitted } = body
  const others = [written, created, removed, renamed, linked, attempted]
  return omitted === 0 && others.every(({ length }) => length === 0) && read.length > 0 && read.every(isSystemFile)
}

/**
 * Files that programs read in order to start: programs, libraries and the toolchain. Of /etc only those that each program
 * reads, because a read of /etc/shadow tells something.
 */
const SYSTEM =
  /^\/(?:(?:usr|lib|lib64|bin|sbin|opt\/glovebox)\/|etc\/(?:ssl\/|(?:ld\.so\.(?:cache|preload)|localtime|locale\.alias|nsswitch\.conf|host\.conf|gai\.conf)$))/

function isSystemFile(path: ByteText): boolean {
  return typeof path === 'string' && SYSTEM.test(path) && !path.includes('/../')
}
