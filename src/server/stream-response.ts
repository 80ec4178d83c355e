// Streams: events as NDJSON, and bytes as they are.
import type { Download, Feed } from '../contract/call.ts'
import { encodeLine, encodeProblemLine, HEARTBEAT } from '../contract/event-stream.ts'
import type { Event, LogEntry } from '../domain/event.ts'
import { problemOf } from './problem-response.ts'

const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
const GATHER_CHARS = 64 * 1024
const HEARTBEAT_MS = 15_000

/**
 * What fails before the first item becomes an answer of its own; what fails later is the stream's last line, so that
 * a record that broke off never looks whole. A follower's head is sent at once, as its first item may be hours away, and
 * it hears a heartbeat while nothing happens.
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
      // To a reader that is behind, a heartbeat says nothing that the lines which wait for it do not.
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
      void iterator.return?.()
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
