// Removes secrets from answers, as a second defence for invariant 1; the first is that no secret is placed where an answer
// could contain it. A provider may quote the key, for example in an error or a header; the key must not enter the sandbox.
import type { Secret } from '../../../credentials/types.ts'
import { secretPieces } from '../../../domain/secret-pieces.ts'

export interface SecretFilter {
  /** Returns the bytes that may be passed on. It holds back an end that may be the beginning of a secret. */
  push(chunk: Uint8Array): Buffer
  /** Returns the held-back bytes. */
  end(): Buffer
  /** Filters a complete value, such as a header. */
  text(value: string): string
  /** Whether the name of a header contains a secret; it ignores case, since header names have none. */
  carries(name: string): boolean
  /** Number of replaced secrets. */
  readonly replaced: number
}

/** Shorter secrets would cause false matches. */
const MIN_BYTES = 8
const STAR = 0x2a

/** The search strings, longest first, so that a secret that contains another is replaced completely. Lines count, too. */
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

/** The base64 characters that depend only on the secret if `before` bytes (mod 3) precede it. */
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
        // Copy first, since the caller may share these bytes.
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

/** Length of the longest end of `data` with which a secret may begin. It is nearly always 0, so streams are not delayed. */
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
