import type { CommandResult, GuestCoverage, GuestReport, IsolationCheck } from '../types.ts'
import { ByteReader } from './byte-reader.ts'
import { decodeEnd, flag } from './decode-end.ts'
import { decodeDigests, decodeExited, decodeFiles, decodeNet, decodeStarted } from './decode-report.ts'
import { MAGIC, MAX_PAYLOAD_BYTES, MESSAGE, PROTOCOL_VERSION } from './frame-types.ts'
import type { Frame } from './frame-types.ts'
import { LinkError } from './link-error.ts'

const MAX_TEXT = 4096
const MAX_CHECKS = 256
const FILE_ENDS = ['complete', 'absent', 'too-large', 'not-regular', 'unreadable'] as const

export type FileEnd = (typeof FILE_ENDS)[number]

export type GuestMessage =
  | { kind: 'hello'; version: string }
  | { kind: 'output'; step: number; stream: 'stdout' | 'stderr'; bytes: Uint8Array }
  | { kind: 'report'; report: GuestReport }
  | { kind: 'step-ended'; step: number; result: CommandResult }
  | { kind: 'step-failed'; step: number; detail: string }
  | { kind: 'input-taken'; step: number; bytes: number; closed: boolean }
  | { kind: 'marked'; step: number }
  | { kind: 'checks'; checks: readonly IsolationCheck[] }
  | { kind: 'file-data'; bytes: Uint8Array }
  | { kind: 'file-end'; end: FileEnd }
  | { kind: 'coverage'; coverage: GuestCoverage }

/** Parses one whole frame of the guest. Surplus bytes and unknown values are errors. */
export function decodeMessage({ type, payload }: Frame): GuestMessage {
  if (type === MESSAGE.fileData) return { kind: 'file-data', bytes: new Uint8Array(payload) }
  const decode = DECODERS[type]
  if (decode === undefined) throw new LinkError('protocol', `the guest sent a frame of the unknown type ${type}`)
  const from = new ByteReader(payload)
  const message = decode(from)
  from.end()
  return message
}

const DECODERS: Readonly<Record<number, (from: ByteReader) => GuestMessage>> = {
  [MESSAGE.hello]: hello,
  [MESSAGE.output]: output,
  [MESSAGE.started]: (from) => ({ kind: 'report', report: decodeStarted(from) }),
  [MESSAGE.exited]: (from) => ({ kind: 'report', report: decodeExited(from) }),
  [MESSAGE.files]: (from) => ({ kind: 'report', report: decodeFiles(from) }),
  [MESSAGE.digests]: (from) => ({ kind: 'report', report: decodeDigests(from) }),
  [MESSAGE.net]: (from) => ({ kind: 'report', report: decodeNet(from) }),
  [MESSAGE.stepEnded]: stepEnded,
  [MESSAGE.stepFailed]: (from) => ({ kind: 'step-failed', step: from.u32(), detail: from.text(MAX_TEXT) }),
  [MESSAGE.inputTaken]: (from) => ({ kind: 'input-taken', step: from.u32(), bytes: from.u32(), closed: flag(from) }),
  [MESSAGE.marked]: (from) => ({ kind: 'marked', step: from.u32() }),
  [MESSAGE.checks]: checks,
  [MESSAGE.fileEnd]: fileEnd,
  [MESSAGE.coverage]: coverage,
}

function hello(from: ByteReader): GuestMessage {
  const magic = String.fromCharCode(...from.raw(4))
  if (magic !== MAGIC) throw new LinkError('protocol', 'the program that dialled in is not a guest')
  const version = from.u16()
  if (version !== PROTOCOL_VERSION)
    throw new LinkError('protocol', `the guest speaks version ${version} of the link, not ${PROTOCOL_VERSION}`)
  return { kind: 'hello', version: from.text(64) }
}

function output(from: ByteReader): GuestMessage {
  const step = from.u32()
  const stream = from.u8()
  if (stream !== 1 && stream !== 2)
    throw new LinkError('protocol', `the guest sent output of the unknown stream ${stream}`)
  return { kind: 'output', step, stream: stream === 1 ? 'stdout' : 'stderr', bytes: from.bytes(MAX_PAYLOAD_BYTES) }
}

function stepEnded(from: ByteReader): GuestMessage {
  const step = from.u32()
  const end = decodeEnd(from)
  const wallMs = from.u64() / 1000
  return {
    kind: 'step-ended',
    step,
    result: { ...end, wallMs, stdoutBytes: from.u64(), stderrBytes: from.u64(), outputOmitted: from.u64() },
  }
}

function checks(from: ByteReader): GuestMessage {
  const count = from.u16()
  if (count === 0 || count > MAX_CHECKS) throw new LinkError('protocol', `the guest sent ${count} checks`)
  const list = Array.from({ length: count }, () => ({
    check: from.text(MAX_TEXT),
    passed: flag(from),
    detail: from.text(MAX_TEXT),
  }))
  return { kind: 'checks', checks: list }
}

function fileEnd(from: ByteReader): GuestMessage {
  const end = FILE_ENDS[from.u8()]
  if (end === undefined) throw new LinkError('protocol', 'the guest ended a file in an unknown way')
  return { kind: 'file-end', end }
}

function coverage(from: ByteReader): GuestMessage {
  const mechanism = from.text(MAX_TEXT)
  const dropped = from.u64()
  const complete = flag(from)
  const count = from.u16()
  if (count > MAX_CHECKS) throw new LinkError('protocol', `the guest sent ${count} blind spots`)
  const blindSpots = Array.from({ length: count }, () => from.text(MAX_TEXT))
  return { kind: 'coverage', coverage: { mechanism, dropped, complete, blindSpots } }
}
