// Events on the wire: NDJSON. A line is an event, or `{"problem": …}`, which is the last.
import { type Event, EventEnvelope } from '../domain/event.ts'
import { Problem } from './problem.ts'
import { ProblemError } from './problem-error.ts'

/** An event is under 64 KiB in the ledger; this leaves room for the escapes of JSON. */
const MAX_LINE_CHARS = 1024 * 1024

export function encodeEvent(event: Event): string {
  return `${JSON.stringify(event)}\n`
}

export function encodeProblemLine(problem: Problem): string {
  return `${JSON.stringify({ problem })}\n`
}

/** Rejects with ProblemError when the server says so, when a line is no event, and when the stream breaks off inside one. */
export async function* decodeEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Event> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE_CHARS) throw broken('a line of the event stream is too long')
    for (const line of lines) yield decodeLine(line)
  }
  if (rest !== '') throw broken('the event stream broke off')
}

function decodeLine(line: string): Event {
  const value: unknown = parse(line)
  if (typeof value === 'object' && value !== null && 'problem' in value) {
    const problem = Problem.safeParse(value.problem)
    throw problem.success ? new ProblemError(problem.data) : broken('the event stream ended with an unreadable problem')
  }
  const event = EventEnvelope.safeParse(value)
  if (!event.success) throw broken('a line of the event stream is no event')
  // Bodies were validated when they were recorded; a newer server may know fields that this client does not.
  return event.data as unknown as Event
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw broken('a line of the event stream is no JSON')
  }
}

function broken(message: string): ProblemError {
  return new ProblemError({ code: 'internal', message })
}
