import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readBody } from './body-reader.ts'
import { GitProtocolError } from './git-protocol-error.ts'
import type { Pkt } from './pkt-line.ts'
import { encodePkt, encodePkts, MAX_PKT_LINE, pktText, readPkt } from './pkt-line.ts'

const pkt = fc.oneof(
  fc.record({
    kind: fc.constant('data' as const),
    payload: fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  }),
  fc.constant<Pkt>({ kind: 'flush' }),
  fc.constant<Pkt>({ kind: 'delim' }),
)

/** Stream of the bytes, cut at the given positions. */
function inPieces(bytes: Buffer, cuts: readonly number[]): Readable {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b)
  const edges = [0, ...places, bytes.length]
  const pieces = edges.slice(1).map((end, index) => bytes.subarray(edges[index], end))
  return Readable.from(
    pieces.filter((piece) => piece.length > 0),
    { objectMode: false },
  )
}

async function readAll(body: Readable): Promise<Pkt[]> {
  const source = readBody(body, { encoding: undefined, maxBytes: 1_000_000 })
  const pkts: Pkt[] = []
  for (let next = await readPkt(source); next !== null; next = await readPkt(source)) pkts.push(next)
  return pkts
}

describe('pkt-line', () => {
  test('reads the written lines, however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pkt, { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 20 }), async (pkts, cuts) => {
        expect(await readAll(inPieces(encodePkts(pkts), cuts))).toEqual(pkts)
      }),
    )
  })

  test('parses any bytes into lines or refuses them, and lines encode to the same bytes', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.string({ unit: fc.constantFrom(...'0123456789abcdefF\0\n'), maxLength: 40 }),
    )
    await fc.assert(
      fc.asyncProperty(bytes, async (given) => {
        const body = Buffer.from(given)
        const pkts = await readAll(inPieces(body, [3])).catch((error: unknown) => error)
        if (pkts instanceof Error) expect(pkts).toBeInstanceOf(GitProtocolError)
        else
          expect(
            encodePkts(pkts as Pkt[])
              .toString('latin1')
              .toLowerCase(),
          ).toBe(body.toString('latin1').toLowerCase())
      }),
      { numRuns: 500 },
    )
  })

  test('accepts lines of up to 65520 bytes', async () => {
    const longest = encodePkt(Buffer.alloc(MAX_PKT_LINE - 4, 0x61))
    expect(longest.subarray(0, 4).toString()).toBe('fff0')
    expect(await readAll(Readable.from([longest], { objectMode: false }))).toHaveLength(1)
    expect(() => encodePkt(Buffer.alloc(MAX_PKT_LINE - 3))).toThrow(GitProtocolError)
    const longer = Buffer.concat([Buffer.from('fff1'), Buffer.alloc(MAX_PKT_LINE)])
    await expect(readAll(Readable.from([longer], { objectMode: false }))).rejects.toMatchObject({ code: 'too-large' })
  })

  test('accepts text lines with at most one line feed, at the end', () => {
    expect(pktText(Buffer.from('want x\n'))).toBe('want x')
    for (const text of ['a\n\n', 'a\nb', 'a\0b', 'a\r\n', '\u007f'])
      expect(() => pktText(Buffer.from(text))).toThrow(GitProtocolError)
    expect(() => pktText(Buffer.from([0xc3, 0x28]))).toThrow(GitProtocolError)
  })
})

describe('a body', () => {
  test('is refused while it is read past its bound', async () => {
    const source = readBody(Readable.from([Buffer.alloc(10), Buffer.alloc(10)], { objectMode: false }), {
      encoding: undefined,
      maxBytes: 15,
    })
    await source.read(5)
    await expect(source.read(15)).rejects.toMatchObject({ code: 'too-large' })
  })

  test('gives the rest after the lines', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 4, maxLength: 100 }),
        fc.nat(50),
        fc.array(fc.nat()),
        async (bytes, length, cuts) => {
          const body = Buffer.from(bytes)
          const source = readBody(inPieces(body, cuts), { encoding: undefined, maxBytes: 1000 })
          const first = Math.min(length, body.length)
          if (first > 0) expect(await source.read(first)).toEqual(body.subarray(0, first))
          expect(Buffer.concat(await source.rest().toArray())).toEqual(body.subarray(first))
        },
      ),
    )
  })

  test('is refused when it breaks off during decompression', async () => {
    const source = readBody(Readable.from([Buffer.from([0x1f, 0x8b, 8, 0])], { objectMode: false }), {
      encoding: 'gzip',
      maxBytes: 1000,
    })
    await expect(source.read(4)).rejects.toMatchObject({ code: 'malformed' })
  })
})
