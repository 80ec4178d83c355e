// Reader of a request body: first in exact lengths, then the rest as a stream.
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { GitProtocolError } from './git-protocol-error.ts'
import type { ByteSource } from './pkt-line.ts'

export interface BodyReader extends ByteSource {
  /** Stream of the unread rest. Call it once. */
  rest(): Readable
  /** Reads and drops the rest, so that the client starts to read the answer. Never rejects. */
  drain(): Promise<void>
}

/** `maxBytes` limits the decompressed body; reading past it rejects. */
export function readBody(body: Readable, options: { encoding: string | undefined; maxBytes: number }): BodyReader {
  const decoded = decode(body, options.encoding)
  const chunks = decoded[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let held: Buffer[] = []
  let heldBytes = 0
  let total = 0

  async function next(): Promise<Buffer | null> {
    const { done, value } = await chunks.next().catch((error: unknown) => {
      throw new GitProtocolError(
        'malformed',
        `the body broke off: ${error instanceof Error ? error.message : 'unreadable'}`,
      )
    })
    if (done) return null
    total += value.length
    if (total > options.maxBytes) throw new GitProtocolError('too-large', `the body is over ${options.maxBytes} bytes`)
    return value
  }

  async function* remaining(): AsyncGenerator<Buffer> {
    yield* held
    held = []
    for (let chunk = await next(); chunk !== null; chunk = await next()) yield chunk
  }

  return {
    async read(length) {
      while (heldBytes < length) {
        const chunk = await next()
        if (chunk === null) {
          if (heldBytes === 0) return null
          throw new GitProtocolError('malformed', 'the body ended within a pkt-line')
        }
        held.push(chunk)
        heldBytes += chunk.length
      }
      const joined = held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held)
      held = joined.length > length ? [joined.subarray(length)] : []
      heldBytes = joined.length - length
      return joined.subarray(0, length)
    },
    rest: () => Readable.from(remaining(), { objectMode: false }),
    async drain() {
      try {
        while ((await next()) !== null);
      } catch {
        body.destroy()
      }
    },
  }
}

function decode(body: Readable, encoding: string | undefined): Readable {
  const name = (encoding ?? 'identity').trim().toLowerCase()
  if (name === 'identity' || name === '') return body
  if (name !== 'gzip' && name !== 'x-gzip')
    throw new GitProtocolError('unsupported', 'a body may only be uncompressed or gzip-compressed')
  const gunzip = createGunzip()
  body.on('error', (error) => gunzip.destroy(error))
  return body.pipe(gunzip)
}
