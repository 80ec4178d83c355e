import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import type { Usage, WireKind } from './wire.ts'

/** One request and what was answered, byte for byte. */
export interface Exchange {
  method: string
  /** Path and query as they came. */
  path: string
  headers: IncomingHttpHeaders
  request: Buffer
  status: number | undefined
  responseHeaders: OutgoingHttpHeaders
  /** The response as it was written, write by write. */
  chunks: Buffer[]
  /** Whether the whole response was sent: cut is our doing, left is the client's. */
  end: 'open' | 'whole' | 'cut' | 'left'
  wire: WireKind | undefined
  /** The turn of the script that was played, or what else it was. */
  played: number | 'aside' | undefined
  usage: Usage | undefined
}

export class ExchangeLog {
  readonly exchanges: Exchange[] = []

  open(method: string, path: string, headers: IncomingHttpHeaders): Exchange {
    const exchange: Exchange = {
      method,
      path,
      headers,
      request: Buffer.alloc(0),
      status: undefined,
      responseHeaders: {},
      chunks: [],
      end: 'open',
      wire: undefined,
      played: undefined,
      usage: undefined,
    }
    this.exchanges.push(exchange)
    return exchange
  }
}

export function responseOf(exchange: Exchange): Buffer {
  return Buffer.concat(exchange.chunks)
}
