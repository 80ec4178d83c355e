// Streams: events as NDJSON, and bytes as they are.
import { encodeEvent, encodeProblemLine } from '../contract/event-stream.ts'
import type { Event } from '../domain/event.ts'
import type { Download } from '../services/types.ts'
import type { EventsAnswer } from './handler.ts'
import { problemOf } from './problem-response.ts'

const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
const GATHER_CHARS = 64 * 1024

/**
 * What fails before the first event becomes an answer of its own; what fails later is the stream's last line, so that
 * a record that broke off never looks whole. A follower's head is sent at once, as its first event may be hours away.
 */
export async function eventsResponse(answer: EventsAnswer, abort: AbortController): Promise<Response> {
  const events = answer.events[Symbol.asyncIterator]()
  let first = answer.follow ? null : await events.next()
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        let text = ''
        do {
          const next: IteratorResult<Event> = first ?? (await events.next())
          first = null
          if (next.done === true) {
            if (text !== '') controller.enqueue(encoder.encode(text))
            return controller.close()
          }
          text += encodeEvent(next.value)
        } while (!answer.follow && text.length < GATHER_CHARS)
        controller.enqueue(encoder.encode(text))
      } catch (error) {
        controller.enqueue(encoder.encode(encodeProblemLine(problemOf(error))))
        controller.close()
      }
    },
    cancel() {
      abort.abort()
      void events.return?.()
    },
  })
  return new Response(body, { headers: { ...HEADERS, 'content-type': 'application/x-ndjson' } })
}

/** Attacker-controlled bytes: never rendered, sniffed or run by a browser. */
export function bytesResponse(download: Download, type: string): Response {
  return new Response(ReadableStream.from(download.bytes), {
    headers: {
      ...HEADERS,
      'content-type': type,
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(download.name).replace(/['()*]/g, percent)}`,
      'content-security-policy': "default-src 'none'; sandbox",
      ...(download.length === null ? {} : { 'content-length': String(download.length) }),
    },
  })
}

function percent(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`
}
