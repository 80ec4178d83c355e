import { inspect } from 'node:util'
import type { SecretSource } from '../domain/connections/secret-source.ts'
import { CredentialError } from './types.ts'
import type { Secret } from './types.ts'

export const MAX_SECRET_BYTES = 16 * 1024
const SHOWN = '[secret]'

/** What may stand in the value of a header: visible ASCII, with spaces in between. */
const HEADER_VALUE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/

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

/** Throws CredentialError `bad-secret`, which says what is wrong with it and nothing of it. */
export function secretText(text: string, source: SecretSource['from'], where: string): SecretText {
  const problem = problemOf(text)
  if (problem !== null) throw new CredentialError('bad-secret', source, `${where} ${problem}`)
  return new SecretText(text)
}

/** As programs and files give it: the last line break is not part of it. */
export function secretFromBytes(bytes: Uint8Array, source: SecretSource['from'], where: string): SecretText {
  // Latin-1 loses nothing; what is no ASCII is refused.
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
  if (/[\r\n]/.test(text)) return 'has a line break in it; a key is one line'
  if (/^ | $/.test(text)) return 'begins or ends with a space'
  return HEADER_VALUE.test(text) ? null : 'has characters that can not stand in the header of a request'
}
