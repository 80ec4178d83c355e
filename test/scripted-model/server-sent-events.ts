/** https://html.spec.whatwg.org/multipage/server-sent-events.html */
export function serverSentEvent(data: unknown, event?: string): string {
  const name = event === undefined ? '' : `event: ${event}\n`
  return `${name}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
}

/** Text as models stream it: a few characters at a time, never within a code point. */
export function pieces(text: string, length = 24): string[] {
  const characters = Array.from(text)
  return Array.from({ length: Math.ceil(characters.length / length) }, (_, index) =>
    characters.slice(index * length, (index + 1) * length).join(''),
  )
}
