import { inspect } from 'node:util'
import type { SecretSource } from '../domain/connections/secret-source.ts'
import { CredentialError } from './types.ts'
import type { Secret } from './types.ts'

export const MAX_SECRET_BYTES = 16 * 1024
const SHOWN = '[secret]'

/** Visible ASCII, with spaces in between: what may stand in the value of a header, and in a line of a longer secret. */
const LINE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/
/** A line of a longer secret may be indented, or empty. */
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

/** Throws CredentialError `bad-secret`, which says what is wrong with it and nothing of it. */
export function secretText(text: string, source: SecretSource['from'], where: string): SecretText {
  const problem = problemOf(text)
  if (problem !== null) throw new CredentialError('bad-secret', source, `${where} ${problem}`)
  return new SecretText(text)
}

/** As programs and files give it: the last line break is not part of it; those in between are. */
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
  if (/^\s|\s$/.test(text)) return 'begins or ends with a space or a line break'
  const lines = text.split(/\r\n|\r|\n/)
  const fits = lines.length === 1 ? LINE.test(text) : lines.every((line) => INNER_LINE.test(line))
  return fits ? null : 'has characters that are no visible ASCII'
}
