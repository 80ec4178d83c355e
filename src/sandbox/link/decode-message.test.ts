import fc from 'fast-check'
import { expect, test } from 'vitest'
import messages from '../../../guest/vectors/messages.json' with { type: 'json' }
import { ByteWriter } from './byte-writer.ts'
import { decodeMessage } from './decode-message.ts'
import { encodeFrame } from './encode-request.ts'
import { FrameSplitter } from './frame-splitter.ts'
import { MESSAGE } from './frame-types.ts'
import { LinkError } from './link-error.ts'

const types = Object.values(MESSAGE)

test('any bytes from a guest give a message or a protocol error, never another error', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom(...types), fc.nat(255)),
      fc.uint8Array({ maxLength: 200 }),
      (type, payload) => {
        try {
          decodeMessage({ type, payload })
        } catch (error) {
          expect(error).toBeInstanceOf(LinkError)
        }
      },
    ),
    { numRuns: 3000 },
  )
})

test('changing, cutting or extending a good message gives a message or a protocol error', () => {
  const good = messages.map(({ hex }) => Buffer.from(hex, 'hex').subarray(5))
  fc.assert(
    fc.property(
      fc.nat(good.length - 1),
      fc.nat(),
      fc.nat(255),
      fc.constantFrom('change', 'cut', 'extend'),
      (index, at, byte, how) => {
        const bytes = Buffer.from(good[index] ?? [])
        const place = bytes.length === 0 ? 0 : at % bytes.length
        if (how === 'change' && bytes.length > 0) bytes[place] = byte
        const payload =
          how === 'cut' ? bytes.subarray(0, place) : how === 'extend' ? Buffer.concat([bytes, Buffer.of(byte)]) : bytes
        try {
          decodeMessage({ type: Buffer.from(messages[index]?.hex ?? '', 'hex')[4] ?? 0, payload })
        } catch (error) {
          expect(error).toBeInstanceOf(LinkError)
        }
      },
    ),
    { numRuns: 3000 },
  )
})

test('refuses an oversized argv before splitting it', () => {
  const started = (bytes: number) => {
    const head = new ByteWriter().u32(1).u32(2).u32(1).u8(1).u32(0)
    head.bytes(new Uint8Array(bytes))
    const payload = head.bytes(new Uint8Array()).bytes(new Uint8Array()).bytes(new Uint8Array()).finish()
    return () => decodeMessage({ type: MESSAGE.started, payload })
  }
  expect(started(256 * 1024)()).toMatchObject({ kind: 'report' })
  expect(started(256 * 1024 + 1)).toThrow(LinkError)
})

test('keeps paths byte for byte', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }),
      fc.nat(0xffff_ffff),
      (paths, omitted) => {
        const writer = new ByteWriter().u32(1).u32(2).u32(omitted).u32(paths.length)
        for (const path of paths) writer.u8(1).bytes(path)
        const message = decodeMessage({ type: MESSAGE.files, payload: writer.finish() })
        expect(message).toMatchObject({
          kind: 'report',
          report: { omitted, read: paths.map((path) => Uint8Array.from(path)) },
        })
      },
    ),
  )
})

test('gives the same frames however the stream is cut into chunks', () => {
  const frame = fc.record({ type: fc.nat(255), payload: fc.uint8Array({ maxLength: 100 }) })
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      (frames, cuts) => {
        const stream = Buffer.concat(frames.map(({ type, payload }) => encodeFrame(type, payload)))
        const splitter = new FrameSplitter()
        const seen: { type: number; payload: number[] }[] = []
        for (let at = 0, i = 0; at < stream.length; i++) {
          const next = at + (cuts[i % cuts.length] ?? 1)
          for (const { type, payload } of splitter.push(stream.subarray(at, next)))
            seen.push({ type, payload: [...payload] })
          at = next
        }
        expect(seen).toEqual(frames.map(({ type, payload }) => ({ type, payload: [...payload] })))
        expect(splitter.isEmpty).toBe(true)
      },
    ),
  )
})
