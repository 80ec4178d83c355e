// Puts the requests of a followed run's agents to the person at the terminal, one after the other.
import { printable } from '../../domain/byte-text.ts'
import type { Event } from '../../domain/event.ts'
import { type Keyboard, openKeyboard } from '../session/keyboard.ts'
import type { Session } from '../session/session.ts'
import { createStyle, wantsColour } from '../text/style.ts'
import { answerAsk, showAsk } from './answer-asks.ts'
import type { Progress } from './progress.ts'

export interface AsksInPlace extends AsyncDisposable {
  see(event: Event): void
}

/** `interrupt`: called for Ctrl-C, which is a mere key while a question is open. */
export function asksInPlace(session: Session, progress: Pick<Progress, 'note'>, interrupt: () => void): AsksInPlace {
  const { environment } = session
  const { stderr, env } = environment
  const style = createStyle(wantsColour(stderr, env))
  /** Aborted once the request is decided, here or elsewhere. */
  const open = new Map<string, AbortController>()
  const over = new AbortController()
  let keyboard: Keyboard | null | undefined
  let last: Promise<void> = Promise.resolve()

  async function put(id: string, decided: AbortSignal): Promise<void> {
    const ended = AbortSignal.any([decided, over.signal])
    if (ended.aborted) return
    keyboard ??= openKeyboard(environment)
    if (keyboard === null) return
    const ask = await session.client.getAsk({ params: { ask: id } })
    const { lines, whole } = await showAsk(session, ask, style)
    if (ended.aborted || ask.status !== 'open') return
    progress.note(lines.join('\n'))
    if (!whole) return
    progress.note(style.bold('Allow it? [y/n]'))
    const key = await keyboard.key('', ['n', 'y'], { strict: true, signal: ended })
    if (key !== null) progress.note(await answerAsk(session, ask, key === 'y'))
    else if (!ended.aborted) interrupt()
  }

  return {
    see(event) {
      if (event.kind === 'ask.opened') {
        const { ask } = event.body
        const decided = new AbortController()
        open.set(ask, decided)
        last = last
          .then(() => put(ask, decided.signal))
          .catch((error: unknown) => progress.note(printable(error instanceof Error ? error.message : String(error))))
      }
      if (event.kind === 'ask.decided') {
        open.get(event.body.ask)?.abort()
        open.delete(event.body.ask)
      }
    },
    async [Symbol.asyncDispose]() {
      over.abort()
      await last
      keyboard?.[Symbol.dispose]()
    },
  }
}
