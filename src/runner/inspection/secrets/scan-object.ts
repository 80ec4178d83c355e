// Finds all credentials in some bytes, in every supported encoding.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { findSecrets } from '../../../domain/inspection/secret-rules.ts'
import { decodings } from './decode.ts'
import type { Needles } from './needles.ts'
import { unpack } from './unpack.ts'

export interface FoundSecret {
  rule: string
  /** Identifies the credential, for comparing with the version before. */
  key: string
  /** Encodings of the credential, from the outermost inwards; empty: plain text. */
  how: readonly string[]
  /** Line number from 1; null if it is not plain text. */
  line: number | null
}

export interface ScannedObject {
  found: FoundSecret[]
  /** Parts that are compressed or encrypted in a way that the scan does not open. */
  closed: string[]
  /** Whether everything was scanned; false: unpacked, it exceeds the limit. */
  isWhole: boolean
}

/** Bytes that may still be scanned, over all encodings; all objects of a change share it. */
export interface ScanBudget {
  left: number
}

const MAX_DEPTH = 3
const UNPACKED_BYTES = 64 * 1024 * 1024
/** Shorter bytes cannot hold a credential. */
const MIN_BYTES = 8
const HELD = 'a secret that this Glovebox holds'

export async function scanObject(bytes: Uint8Array, needles: Needles, budget: ScanBudget): Promise<ScannedObject> {
  const scanned: ScannedObject = { found: [], closed: [], isWhole: true }
  const left: { how: readonly string[]; bytes: Buffer }[] = [{ how: [], bytes: Buffer.from(bytes) }]
  const known = new Set<string>()
  for (let view = left.shift(); view !== undefined; view = left.shift()) {
    if (view.bytes.length < MIN_BYTES) continue
    budget.left -= view.bytes.length
    if (budget.left < 0) return { ...scanned, isWhole: false }
    for (const secret of secretsIn(view.bytes, view.how, needles)) {
      if (!known.has(secret.key)) scanned.found.push(secret)
      known.add(secret.key)
    }
    if (view.bytes.length > 64 * 1024) await nextTurn()
    if (view.how.length === MAX_DEPTH) continue
    const { parts, closed, tooLarge } = unpack(view.bytes, Math.min(UNPACKED_BYTES, budget.left))
    scanned.closed.push(...closed.filter((how) => view.how.length === 0 || !how.startsWith('damaged')))
    if (tooLarge) scanned.isWhole = false
    for (const part of [...parts, ...decodings(view.bytes)])
      left.push({ how: [...view.how, part.how], bytes: part.bytes })
  }
  return scanned
}

function secretsIn(bytes: Buffer, how: readonly string[], needles: Needles): FoundSecret[] {
  const text = bytes.toString('latin1')
  const line = (at: number) => (how.length > 0 ? null : linesBefore(bytes, at) + 1)
  return [
    ...findSecrets(text).map(({ rule, text: secret, at }) => ({
      rule,
      key: `${rule}\0${secret}`,
      how,
      line: line(at),
    })),
    ...[...needles.in(bytes)].map(([index, at]) => ({ rule: HELD, key: `${HELD}\0${index}`, how, line: line(at) })),
  ]
}

function linesBefore(bytes: Buffer, end: number): number {
  let lines = 0
  for (let at = bytes.indexOf(0x0a); at !== -1 && at < end; at = bytes.indexOf(0x0a, at + 1)) lines++
  return lines
}
