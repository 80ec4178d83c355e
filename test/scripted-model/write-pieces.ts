import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { setImmediate as nextRound } from 'node:timers/promises'
import type { Exchange } from './exchange-log.ts'

interface Answer {
  status: number
  headers: OutgoingHttpHeaders
  pieces: string[]
  /** The connection is torn down after that many pieces. */
  cutAfter?: number | undefined
}

/** Each piece is a write of its own, so that it reaches the client as the chunk that the exchange says it was. */
export async function writePieces(response: ServerResponse, exchange: Exchange, answer: Answer): Promise<void> {
  exchange.status = answer.status
  exchange.responseHeaders = answer.headers
  const pieces = answer.pieces.slice(0, answer.cutAfter)
  const whole = answer.cutAfter === undefined
  if (pieces.length > 0) response.writeHead(answer.status, answer.headers)
  for (const piece of pieces) {
    if (response.destroyed) break
    const bytes = Buffer.from(piece)
    exchange.chunks.push(bytes)
    await written(response, bytes)
    await nextRound()
  }
  if (response.destroyed) {
    exchange.end = 'left'
  } else if (whole) {
    exchange.end = 'whole'
    response.end()
  } else {
    exchange.end = 'cut'
    response.destroy()
  }
}

function written(response: ServerResponse, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    response.write(bytes, (error) => (error ? reject(error) : resolve()))
  })
}
