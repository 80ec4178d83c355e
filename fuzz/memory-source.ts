import { GitProtocolError } from '../src/gateway/git/git-protocol-error.ts'
import type { ByteSource } from '../src/gateway/git/pkt-line.ts'

/** A byte source over bytes in memory. */
export function memorySource(bytes: Buffer): ByteSource & { rest(): Buffer } {
  let at = 0
  return {
    async read(length) {
      if (at === bytes.length && length > 0) return null
      if (length > bytes.length - at) throw new GitProtocolError('malformed', 'the body ended within a pkt-line')
      at += length
      return bytes.subarray(at - length, at)
    },
    rest: () => bytes.subarray(at),
  }
}
