import type { Readable } from 'node:stream'
import type { GatewayResponse } from '../types.ts'
import { encodePkt } from './pkt-line.ts'

const NO_CACHE = {
  'cache-control': 'no-cache, max-age=0, must-revalidate',
  expires: 'Fri, 01 Jan 1980 00:00:00 GMT',
  pragma: 'no-cache',
}

export type GitSubprotocol = 'git-upload-pack' | 'git-receive-pack'

/** Plain-text answer. git shows the body of a refusal line by line as `remote: …`. */
export function plainAnswer(status: number, text: string): GatewayResponse {
  return {
    status,
    headers: { ...NO_CACHE, 'content-type': 'text/plain; charset=utf-8' },
    body: Buffer.from(`${text}\n`, 'utf8'),
  }
}

export function advertisementAnswer(service: GitSubprotocol, body: Uint8Array): GatewayResponse {
  return { status: 200, headers: { ...NO_CACHE, 'content-type': `application/x-${service}-advertisement` }, body }
}

export function resultAnswer(service: GitSubprotocol, body: Uint8Array | Readable): GatewayResponse {
  return { status: 200, headers: { ...NO_CACHE, 'content-type': `application/x-${service}-result` }, body }
}

/** Error pkt-line, which git shows as `fatal: remote error: …`. */
export function errorLine(text: string): Buffer {
  return encodePkt(`ERR ${text.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 500)}\n`)
}
