// The wire format of events: NDJSON. A line is an event or a log entry. An empty line is a heartbeat. A line
// `{"problem": …}` is the last one and means that the stream failed.
import { z } from 'zod'
import { EVENT_KINDS, type Event, EventEnvelope, type LogEntry } from '../domain/event.ts'
import type { Problem } from './problem.ts'
import { ProblemBody } from './problem-body.ts'
import { ProblemError } from './problem-error.ts'

/** Longest line, in characters. An event is under 64 KiB in the ledger; the rest is room for JSON escapes. */
const MAX_LINE_CHARS = 1024 * 1024

/** Sent while nothing happens, so that both ends and every proxy between them know that the stream is alive. */
export const HEARTBEAT = '\n'

/** Accepts any kind: a newer server may send kinds that this client does not know; they are skipped. */
const AnyEnvelope = EventEnvelope.extend({ kind: z.string() })
const AnyEntry = z.object({ position: z.int().positive(), event: AnyEnvelope })
const KNOWN: ReadonlySet<string> = new Set(EVENT_KINDS)

export function encodeLine(item: Event | LogEntry): string {
  return `${JSON.stringify(item)}\n`
}

export function encodeProblemLine(problem: Problem): string {
  return `${JSON.stringify({ problem })}\n`
}

/**
 * Decodes a stream of events. Rejects with ProblemError if the server sends a problem, if a line is not an event, and
 * if the stream ends inside a line. Skips events of unknown kinds.
 */
export async function* decodeEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Event> {
  for await (const value of decodeLines(chunks)) {
    const event = AnyEnvelope.safeParse(value)
    if (!event.success) throw broken('a line of the event stream is not an event')
    // Bodies were validated when they were recorded; a newer server may know fields that this client does not.
    if (KNOWN.has(event.data.kind)) yield event.data as unknown as Event
  }
}

/** Like decodeEvents(), for the log of the instance. A skipped event leaves a gap between positions. */
export async function* decodeLog(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<LogEntry> {
  for await (const value of decodeLines(chunks)) {
    const entry = AnyEntry.safeParse(value)
    if (!entry.success) throw broken('a line of the log stream is not a log entry')
    if (KNOWN.has(entry.data.event.kind)) yield entry.data as unknown as LogEntry
  }
}

async function* decodeLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE_CHARS) throw broken('a line of the event stream is too long')
    for (const line of lines) if (line !== '') yield valueOf(line)
  }
  if (rest !== '') throw broken('the event stream broke off')
}

function valueOf(line: string): unknown {
  const value: unknown = parse(line)
  if (typeof value !== 'object' || value === null || !('problem' in value)) return value
  const problem = ProblemBody.safeParse(value.problem)
  throw problem.success ? new ProblemError(problem.data) : broken('the event stream ended with an unreadable problem')
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw broken('a line of the event stream is not JSON')
  }
}

function broken(message: string): ProblemError {
  return new ProblemError({ code: 'internal', message })
}
