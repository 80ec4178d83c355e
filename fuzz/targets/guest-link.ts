// Target: messages from a guest. The frames must be the same however the stream is cut, and a decoded message must
// encode to the same bytes by the rules of guest/PROTOCOL.md.
import malformed from '../../guest/vectors/malformed.json' with { type: 'json' }
import messages from '../../guest/vectors/messages.json' with { type: 'json' }
import { decodeMessage, type GuestMessage } from '../../src/sandbox/link/decode-message.ts'
import { FrameSplitter } from '../../src/sandbox/link/frame-splitter.ts'
import type { Frame } from '../../src/sandbox/link/frame-types.ts'
import { LinkError } from '../../src/sandbox/link/link-error.ts'
import { encodeMessage } from '../oracles/encode-message.ts'
import { attempt, must, mustEqual, type Target } from '../target.ts'

/**
 * First byte: even for a stream, odd for one message, whose type and payload follow. Second byte: where to cut the
 * stream.
 */
function run(input: Uint8Array): string {
  if (((input[0] ?? 0) & 1) === 1) return decode({ type: input[1] ?? 0, payload: input.subarray(2) })
  const stream = input.subarray(2)
  const whole = attempt(() => split(stream, stream.length), LinkError)
  const cut = attempt(() => split(stream, 1 + (input[1] ?? 0)), LinkError)
  mustEqual(cut.why, whole.why, 'cut into pieces')
  mustEqual(cut.value?.map(plain), whole.value?.map(plain), 'cut into pieces')
  if (whole.value === null) return whole.why
  const ways = new Set(whole.value.map(decode))
  return `taken: ${[...ways].toSorted().slice(0, 3).join(' ')}`
}

function split(stream: Uint8Array, size: number): Frame[] {
  const splitter = new FrameSplitter()
  const frames: Frame[] = []
  let bytes = 0
  for (let at = 0; at < stream.length; at += size) frames.push(...splitter.push(stream.subarray(at, at + size)))
  for (const frame of frames) bytes += 5 + frame.payload.length
  must(bytes <= stream.length && splitter.isEmpty === (bytes === stream.length), () => 'bytes came from nowhere')
  return frames
}

function plain({ type, payload }: Frame): string {
  return `${type} ${Buffer.from(payload).toString('hex')}`
}

function decode(frame: Frame): string {
  const read = attempt(() => decodeMessage(frame), LinkError)
  if (read.value === null) return read.why
  const written = encodeMessage(read.value)
  // Files are listed by kind, not in their original order, so only the length must be the same.
  const payload = Buffer.from(frame.payload)
  const same = written.some((bytes) => bytes.equals(payload))
  const alike = isListOfFiles(read.value) && written[0]?.length === payload.length
  must(written.length === 0 || same || alike, () => `${plain(frame)} is written as ${written[0]?.toString('hex')}`)
  return read.value.kind === 'report' ? read.value.report.kind : read.value.kind
}

function isListOfFiles(message: GuestMessage): boolean {
  return message.kind === 'report' && message.report.kind === 'file.accessed'
}

export const target: Target = {
  name: 'guest-link',
  covers: [
    'src/sandbox/link/frame-splitter.ts',
    'src/sandbox/link/decode-message.ts',
    'src/sandbox/link/decode-report.ts',
    'src/sandbox/link/decode-end.ts',
    'src/sandbox/link/byte-reader.ts',
  ],
  dictionary: ['GLVB', '/usr/bin/sh', '\0\0\0\u0001', '\0\0\0\0', '\0\u0010\0\0', 'sh\0-c\0'],
  seeds: () => [
    ...[...messages, ...malformed.host].map(({ hex }, at) =>
      Buffer.concat([Buffer.of(0, at % 2 === 0 ? 255 : 2), Buffer.from(hex, 'hex')]),
    ),
    ...messages.map(({ hex }) => Buffer.concat([Buffer.of(1), Buffer.from(hex, 'hex').subarray(4)])),
    Buffer.concat([Buffer.of(0, 6), ...messages.slice(0, 8).map(({ hex }) => Buffer.from(hex, 'hex'))]),
  ],
  run,
}
