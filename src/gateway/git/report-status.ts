// The report on each ref that `git push` shows (gitprotocol-pack, "Report Status").
import { encodePkt, FLUSH } from './pkt-line.ts'

export interface RefResult {
  ref: string
  /** Reason of the refusal; null: the ref was updated. */
  refused: string | null
}

/** Payload of one side-band-64k line, without its band byte. */
const MAX_BAND = 65_515

/** git shows `messages` as `remote: …`. */
export function reportStatus(options: {
  unpack: string
  results: readonly RefResult[]
  sideBand: boolean
  messages: readonly string[]
}): Buffer {
  const lines = [
    encodePkt(`unpack ${oneLine(options.unpack)}\n`),
    ...options.results.map(({ ref, refused }) =>
      encodePkt(refused === null ? `ok ${ref}\n` : `ng ${ref} ${oneLine(refused)}\n`),
    ),
  ]
  const report = Buffer.concat([...lines, FLUSH])
  if (!options.sideBand) return report
  const messages = options.messages.map((message) => band(2, Buffer.from(`${oneLine(message)}\n`)))
  return Buffer.concat([...messages, ...inPieces(report).map((piece) => band(1, piece)), FLUSH])
}

function band(number: 1 | 2, payload: Uint8Array): Buffer {
  return encodePkt(Buffer.concat([Buffer.from([number]), payload]))
}

function inPieces(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; at += MAX_BAND) pieces.push(bytes.subarray(at, at + MAX_BAND))
  return pieces
}

function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 500)
}
