// The access log of `serve`: one line per request, when its answer has ended. No query and no header gets into it, because
// both may hold secrets.
import { printable } from '../domain/byte-text.ts'
import type { Authenticate } from './authenticate.ts'
import type { Answered } from './node-listener.ts'

const MAX_PATH_CHARS = 200

export interface AccessLog {
  /** The same authentication, which remembers who sent each request. */
  authenticate: Authenticate
  onAnswered: (answered: Answered) => void
}

export function accessLog(authenticate: Authenticate, write: (line: string) => void): AccessLog {
  const callers = new WeakMap<Request, string>()
  return {
    async authenticate(request) {
      const caller = await authenticate(request)
      callers.set(request, caller.actor.id)
      return caller
    },
    onAnswered({ request, address, method, target, status, wallMs }) {
      const who = (request && callers.get(request)) ?? '-'
      const path = (/^[^?#]*/.exec(target)?.[0] ?? '').slice(0, MAX_PATH_CHARS)
      const words = [new Date().toISOString(), address, who, method, path, status ?? '-', `${Math.round(wallMs)}ms`]
      write(words.map((word) => printable(String(word))).join(' '))
    },
  }
}
