import { expect, test } from 'vitest'
import malformed from '../../../guest/vectors/malformed.json' with { type: 'json' }
import messages from '../../../guest/vectors/messages.json' with { type: 'json' }
import requests from '../../../guest/vectors/requests.json' with { type: 'json' }
import { decodeMessage } from './decode-message.ts'
import {
  encodeAskCoverage,
  encodeInput,
  encodeKill,
  encodeMark,
  encodeRead,
  encodeRun,
  encodeSelfTest,
} from './encode-request.ts'
import { FrameSplitter } from './frame-splitter.ts'
import { LinkError } from './link-error.ts'

const NOTHING: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }),
}

type Request = (typeof requests)[number]['decoded']

function encode({
  kind,
  step = 0,
  record = false,
  input = false,
  outputLimit = 0,
  cwd = '',
  argv = [],
  env = [],
  max = 0,
  path = '',
  data = '',
}: Partial<Request>) {
  if (kind === 'run') {
    const variables = Object.fromEntries(
      env.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    )
    const command = { step, record, outputLimit, cwd, argv, env: variables }
    return encodeRun(input ? { ...command, stdin: NOTHING } : command)
  }
  if (kind === 'kill') return encodeKill(step)
  if (kind === 'input') return encodeInput(step, Buffer.from(data))
  if (kind === 'mark') return encodeMark(step)
  if (kind === 'read') return encodeRead(path, max)
  return kind === 'self-test' ? encodeSelfTest() : encodeAskCoverage()
}

/** Bytes as hex text, so that they can be compared with JSON. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}

test.each(requests)('the host says: $name', ({ hex, decoded }) => {
  expect(Buffer.from(encode(decoded)).toString('hex')).toBe(hex)
})

test.each(messages)('the host understands: $name', ({ hex, decoded }) => {
  const frames = new FrameSplitter().push(Buffer.from(hex, 'hex'))
  expect(frames.map((frame) => plain(decodeMessage(frame)))).toEqual([decoded])
})

test.each(malformed.host)('the host refuses: $name', ({ hex }) => {
  const frames = new FrameSplitter().push(Buffer.from(hex, 'hex'))
  expect(() => frames.map(decodeMessage)).toThrow(expect.objectContaining({ name: 'LinkError', code: 'protocol' }))
})

test('a frame that announces more than 1 MiB is refused before it is kept', () => {
  expect(() => new FrameSplitter().push(Uint8Array.of(0, 16, 0, 0, 0x82))).toThrow(LinkError)
})
