// The second line of invariant 1: the first is that no secret is where an answer could come by it. A provider that quotes
// the key that it was sent, in an error or a header, must not bring it inside.
import type { Secret } from '../../../credentials/types.ts'
import { secretPieces } from '../../../domain/secret-pieces.ts'

export interface SecretFilter {
  /** What may go on now. A tail that may be the beginning of a secret waits for what follows. */
  push(chunk: Uint8Array): Buffer
  /** What still waits. */
  end(): Buffer
  /** For a value that is whole, such as a header. */
  text(value: string): string
  /** Whether a secret is in it, whatever became of its case: names of headers have none. */
  carries(name: string): boolean
  /** Places where a secret was. */
  readonly replaced: number
}

/** Anything shorter would be found where no secret is. */
const MIN_BYTES = 8
const STAR = 0x2a

/** Longest first, so that a secret that contains another is replaced whole; one of several lines also line by line. */
export function needlesOf(secrets: readonly Secret[]): Buffer[] {
  const forms = secrets
    .flatMap((secret) => secretPieces(secret.reveal()))
    .flatMap((piece) => formsOf(Buffer.from(piece, 'utf8')))
  const unique = new Map(forms.map((form) => [form, Buffer.from(form, 'latin1')]))
  return [...unique.values()].toSorted((one, other) => other.length - one.length)
}

function formsOf(secret: Buffer): string[] {
  if (secret.length < MIN_BYTES) return []
  const text = secret.toString('utf8')
  const bytes = (form: string): string => Buffer.from(form, 'utf8').toString('latin1')
  const plain = [
    secret.toString('latin1'),
    bytes(JSON.stringify(text).slice(1, -1)),
    bytes(JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/')),
    bytes(encodeURIComponent(text.toWellFormed())),
    [...secret].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
    [...secret].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join(''),
    secret.toString('hex'),
    secret.toString('hex').toUpperCase(),
  ]
  return [...plain, ...[0, 1, 2].flatMap((before) => base64Forms(secret, before))].filter(
    (form) => form.length >= MIN_BYTES,
  )
}

/** The characters that depend on the secret alone, when `before` bytes (mod 3) stand in front of it. */
function base64Forms(secret: Buffer, before: number): string[] {
  const encoded = Buffer.concat([Buffer.alloc(before), secret])
    .toString('base64')
    .replace(/=+$/, '')
  const from = before === 0 ? 0 : before + 1
  const whole = (before + secret.length) % 3 === 0 ? encoded.length : encoded.length - 1
  const core = encoded.slice(from, whole)
  return [core, core.replaceAll('+', '-').replaceAll('/', '_'), core.replaceAll('/', '\\/')]
}

export function createSecretFilter(needles: readonly Buffer[]): SecretFilter {
  let held: Buffer = Buffer.alloc(0)
  let replaced = 0
  const longest = needles[0]?.length ?? 0
  const lowered = needles.map((needle) => needle.toString('latin1').toLowerCase())

  function scrub(given: Buffer): Buffer {
    let data = given
    for (const needle of needles) {
      for (let at = data.indexOf(needle); at !== -1; at = data.indexOf(needle, at + needle.length)) {
        // The bytes may be shared with whoever read them.
        if (data === given) data = Buffer.from(given)
        data.fill(STAR, at, at + needle.length)
        replaced += 1
      }
    }
    return data
  }

  return {
    push(chunk) {
      const given =
        held.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : join(held, chunk)
      if (longest === 0) return given
      const data = scrub(given)
      const keep = tailLength(data, needles, longest)
      held = data.subarray(data.length - keep)
      return data.subarray(0, data.length - keep)
    },
    end() {
      const rest = held
      held = Buffer.alloc(0)
      return rest
    },
    text: (value) => (longest === 0 ? value : scrub(Buffer.from(value, 'latin1')).toString('latin1')),
    carries: (name) => lowered.some((needle) => name.toLowerCase().includes(needle)),
    get replaced() {
      return replaced
    },
  }
}

function join(held: Buffer, chunk: Uint8Array): Buffer {
  return Buffer.concat([held, chunk])
}

/** Length of the longest end of `data` with which a secret may begin. Nearly always 0, so that nothing waits. */
function tailLength(data: Buffer, needles: readonly Buffer[], longest: number): number {
  for (let at = Math.max(0, data.length - longest + 1); at < data.length; at += 1) {
    const length = data.length - at
    for (const needle of needles) {
      if (needle.length <= length || needle[0] !== data[at]) continue
      if (data.compare(needle, 0, length, at) === 0) return length
    }
  }
  return 0
}
