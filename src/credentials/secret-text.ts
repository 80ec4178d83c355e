import { inspect } from 'node:util'
import type { SecretSource } from '../domain/connections/secret-source.ts'
import { CredentialError } from './types.ts'
import type { Secret } from './types.ts'

export const MAX_SECRET_BYTES = 16 * 1024
const SHOWN = '[secret]'

/** Visible ASCII with inner spaces: allowed in the value of a header and in the outer lines of a longer secret. */
const LINE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/
/** An inner line of a longer secret may be indented or empty. */
const INNER_LINE = /^[\t\x20-\x7e]*$/

export class SecretText implements Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  reveal(): string {
    return this.#text
  }

  toString(): string {
    return SHOWN
  }

  toJSON(): string {
    return SHOWN
  }

  [inspect.custom](): string {
    return SHOWN
  }
}

/** Throws CredentialError `bad-secret`, which names the fault and never quotes the secret. */
export function secretText(text: string, source: SecretSource['from'], where: string): SecretText {
  const problem = problemOf(text)
  if (problem !== null) throw new CredentialError('bad-secret', source, `${where} ${problem}`)
  return new SecretText(text)
}

/** Reads a secret from the bytes of a program or file: it drops the last line break and keeps the inner ones. */
export function secretFromBytes(bytes: Uint8Array, source: SecretSource['from'], where: string): SecretText {
  // Latin-1 keeps every byte; secretText() refuses bytes outside ASCII.
  return secretText(
    Buffer.from(bytes)
      .toString('latin1')
      .replace(/\r?\n$/, ''),
    source,
    where,
  )
}

function problemOf(text: string): string | null {
  if (text === '') return 'is empty'
  if (Buffer.byteLength(text) > MAX_SECRET_BYTES) return `is over ${MAX_SECRET_BYTES} bytes`
  if (/^\s|\s$/.test(text)) return 'begins or ends with a space or a line break'
  const lines = text.split(/\r\n|\r|\n/)
  const fits = lines.length === 1 ? LINE.test(text) : lines.every((line) => INNER_LINE.test(line))
  return fits ? null : 'has characters other than visible ASCII'
}
