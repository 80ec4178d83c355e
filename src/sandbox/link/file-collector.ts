import { printable } from '../../domain/byte-text.ts'
import type { FileEnd, GuestMessage } from './decode-message.ts'
import { LinkError } from './link-error.ts'

const REASONS: Record<Exclude<FileEnd, 'complete' | 'absent'>, string> = {
  'too-large': 'it is larger than allowed',
  'not-regular': 'it is not a regular file',
  unreadable: 'the sandbox may not read it',
}

/** Collects the pieces of one file, up to a limit that the guest can't change. */
export class FileCollector {
  readonly #path: string
  readonly #maxBytes: number
  #parts: Uint8Array[] = []
  #length = 0

  constructor(path: string, maxBytes: number) {
    this.#path = path
    this.#maxBytes = maxBytes
  }

  /**
   * Returns the file's bytes, null if it does not exist, an error if it can't be read, or undefined while pieces are
   * missing.
   */
  take(message: GuestMessage): Uint8Array | null | LinkError | undefined {
    if (message.kind === 'file-data') {
      this.#length += message.bytes.length
      if (this.#length > this.#maxBytes)
        throw new LinkError('protocol', 'the guest sent more of a file than it was asked for')
      this.#parts.push(message.bytes)
      return undefined
    }
    if (message.kind !== 'file-end') return undefined
    if (message.end === 'complete') return Buffer.concat(this.#parts)
    if (message.end === 'absent') return null
    return new LinkError('unreadable', `${printable(this.#path)} can't be read: ${REASONS[message.end]}`)
  }
}
