// The minimal part of the protocol that an agent needs before it misbehaves.
import { createInterface } from 'node:readline'

export function say(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
}

/** Answers each method by its name; for `undefined` it sends no answer. */
export function answer(methods, version = 1) {
  const all = {
    initialize: () => ({ protocolVersion: version, agentCapabilities: {}, authMethods: [] }),
    'session/new': () => ({ sessionId: 's1' }),
    ...methods,
  }
  createInterface(process.stdin).on('line', (line) => {
    const { id, method, params } = JSON.parse(line)
    const result = all[method]?.(params)
    if (result !== undefined) say({ id, result })
  })
}
