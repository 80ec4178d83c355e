// Streaming responses: events as NDJSON, and raw bytes.
import type { Download, Feed } from '../contract/call.ts'
import { encodeLine, encodeProblemLine, HEARTBEAT } from '../contract/event-stream.ts'
import type { Event, LogEntry } from '../domain/event.ts'
import { problemOf } from './problem-response.ts'

const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
const GATHER_CHARS = 64 * 1024
const HEARTBEAT_MS = 15_000

/**
 * A failure before the first item becomes an error response; a later failure becomes the last line of the stream, so
 * that a truncated record never looks complete. With `follow` the headers are sent at once, since the first item may
 * take hours, and a heartbeat is sent while nothing happens.
 */
export async function feedResponse(
  { follow, items }: Feed<Event | LogEntry>,
  abort: AbortController,
  heartbeatMs = HEARTBEAT_MS,
): Promise<Response> {
  const iterator = items[Symbol.asyncIterator]()
  let first = follow ? null : await iterator.next()
  const encoder = new TextEncoder()
  let beat: NodeJS.Timeout | undefined
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (!follow) return
      // A reader with unread lines needs no heartbeat.
      const tell = (): void => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(HEARTBEAT))
      }
      beat = setInterval(tell, heartbeatMs)
    },
    async pull(controller) {
      try {
        const gather = follow ? 1 : GATHER_CHARS
        let text = ''
        while (text.length < gather) {
          const next: IteratorResult<Event | LogEntry> = first ?? (await iterator.next())
          first = null
          if (next.done === true) {
            clearInterval(beat)
            if (text !== '') controller.enqueue(encoder.encode(text))
            return controller.close()
          }
          text += encodeLine(next.value)
        }
        controller.enqueue(encoder.encode(text))
      } catch (error) {
        clearInterval(beat)
        controller.enqueue(encoder.encode(encodeProblemLine(problemOf(error))))
        controller.close()
      }
    },
    cancel() {
      clearInterval(beat)
      abort.abort()
      iterator.return?.().catch(() => undefined) // the reader has left, so nobody gets the error
    },
  })
  return new Response(body, { headers: { ...HEADERS, 'content-type': 'application/x-ndjson' } })
}

/** The bytes are attacker-controlled, so the headers keep a browser from rendering, sniffing or running them. */
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
