// Parses server-sent events (HTML standard, section 9.2) from chunks of any length. It only reads: the stream itself is
// passed on unchanged. The bytes come from a provider.

export interface ServerSentEvent {
  event: string
  data: string
}

export interface EventStreamReader {
  /** Returns the events that these bytes complete. */
  push(bytes: Uint8Array): ServerSentEvent[]
  /** Returns a last event without its blank line: the standard drops such an event, but clients accept it. */
  end(): ServerSentEvent[]
}

/** In characters. A longer event is passed on without being parsed; no honest event is that long. */
const MAX_EVENT = 32 * 1024 ** 2

export function createEventStreamReader(): EventStreamReader {
  const decoder = new TextDecoder('utf-8')
  let pending = ''
  let event = ''
  let data: string[] = []
  let size = 0
  let lost = false

  function line(text: string, events: ServerSentEvent[]): void {
    if (text === '') {
      if (data.length > 0) events.push({ event, data: data.join('\n') })
      event = ''
      data = []
      size = 0
      return
    }
    const colon = text.indexOf(':')
    const field = colon === -1 ? text : text.slice(0, colon)
    const value = colon === -1 ? '' : text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'event') event = value
    else if (field === 'data') {
      data.push(value)
      size += value.length
    }
  }

  return {
    push(bytes) {
      if (lost) return []
      const events: ServerSentEvent[] = []
      pending += decoder.decode(bytes, { stream: true })
      let from = 0
      for (;;) {
        const end = endOfLine(pending, from)
        if (end === null) break
        line(pending.slice(from, end.at), events)
        from = end.next
      }
      pending = pending.slice(from)
      lost = pending.length + size > MAX_EVENT
      if (lost) pending = ''
      return events
    },
    end() {
      const events: ServerSentEvent[] = []
      if (lost) return events
      // The rest may be a line that ends with CR, followed by half a character.
      const rest = pending + decoder.decode()
      pending = ''
      for (const each of rest.split('\r')) line(each, events)
      line('', events)
      return events
    },
  }
}

/** A CR at the end of the text may be the first half of a CRLF. */
function endOfLine(text: string, from: number): { at: number; next: number } | null {
  const feed = text.indexOf('\n', from)
  const carriage = text.lastIndexOf('\r', feed === -1 ? text.length : feed) < from ? -1 : text.indexOf('\r', from)
  if (carriage === -1 || (feed !== -1 && feed < carriage)) return feed === -1 ? null : { at: feed, next: feed + 1 }
  if (carriage === text.length - 1) return null
  return { at: carriage, next: text[carriage + 1] === '\n' ? carriage + 2 : carriage + 1 }
}
