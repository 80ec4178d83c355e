// Target: pkt-line framing and bodies. The lines must be the same however a body is cut, they must encode to the same
// bytes, and git must read the same payloads.
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { readBody } from '../../src/gateway/git/body-reader.ts'
import { GitProtocolError } from '../../src/gateway/git/git-protocol-error.ts'
import { encodePkts, type Pkt, pktText, readPkt } from '../../src/gateway/git/pkt-line.ts'
import { framedInput, pktStream, rawInput } from '../framed.ts'
import { memorySource } from '../memory-source.ts'
import { runGit, tracedPackets } from '../oracles/git.ts'
import { attempt, attemptAsync, must, mustEqual, type Target, Violation } from '../target.ts'
import type { ByteSource } from '../../src/gateway/git/pkt-line.ts'

async function readAll(source: ByteSource): Promise<Pkt[]> {
  const pkts: Pkt[] = []
  for (let next = await readPkt(source); next !== null; next = await readPkt(source)) pkts.push(next)
  return pkts
}

function inPieces(bytes: Buffer, size: number): Readable {
  const count = Math.ceil(bytes.length / size)
  const pieces = Array.from({ length: count }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
  return Readable.from(pieces, { objectMode: false })
}

async function run(input: Uint8Array): Promise<string> {
  const stream = pktStream(input)
  const mode = input[0] ?? 0
  const whole = await attemptAsync(() => readAll(memorySource(stream)), GitProtocolError)
  if ((mode & 6) === 6) {
    const gzip = (mode & 8) !== 0
    const body = inPieces(gzip ? gzipSync(stream, { level: 1 }) : stream, 1 + (mode >> 4))
    const source = readBody(body, { encoding: gzip ? 'gzip' : undefined, maxBytes: 1 << 20 })
    mustEqual(await attemptAsync(() => readAll(source), GitProtocolError), whole, 'cut into pieces')
  }
  if (whole.value === null) return whole.why
  const written = encodePkts(whole.value)
  // Git accepts the length's hex digits in either case. All other bytes must be the same.
  must(written.length === stream.length, () => 'the written bytes have another length')
  mustEqual(await readAll(memorySource(written)), whole.value, 'read, written, read')
  const texts = whole.value.map((pkt) =>
    pkt.kind === 'data' ? attempt(() => pktText(pkt.payload), GitProtocolError) : pkt.kind,
  )
  for (const text of texts) {
    if (typeof text === 'string' || text.value === null) continue
    must(!/[\u0000-\u001f\u007f]/.test(text.value), () => 'a line contains control characters')
  }
  const ways = new Set(texts.map((text) => (typeof text === 'string' ? text : (text.why ?? 'text'))))
  return `taken: ${[...ways].toSorted().slice(0, 3).join(' ')}`
}

/**
 * A payload in the format of GIT_TRACE_PACKET (pkt-line.c, packet_trace): octal, of chars that C may treat as negative.
 */
function traced(payload: Buffer): string {
  return [...payload]
    .filter((byte) => byte !== 0x0a)
    .map((byte) =>
      byte >= 0x20 && byte <= 0x7e
        ? String.fromCharCode(byte)
        : `\\${(byte > 0x7f ? byte + 0xffff_ff00 : byte).toString(8)}`,
    )
    .join('')
}

/** Uses fetch-pack, which reads any lines up to a flush as names of refs. */
async function witness(inputs: readonly Uint8Array[]): Promise<void> {
  const streams = await Promise.all(inputs.map(async (input) => readAll(memorySource(pktStream(input)))))
  const lines = streams
    .flat()
    .flatMap((pkt) => (pkt.kind === 'data' ? [pkt.payload] : []))
    // Git does not show the bytes of a pack, and a lone line feed ends fetch-pack's list.
    .filter(
      (payload) => payload.toString('latin1') !== '\n' && !/^[\u0001-\u0003]?PACK/.test(payload.toString('latin1')),
    )
  const body = encodePkts([...lines.map((payload): Pkt => ({ kind: 'data', payload })), { kind: 'flush' }])
  const { stderr } = runGit(['fetch-pack', '--stateless-rpc', '--stdin', 'x'], body, { GIT_TRACE_PACKET: '1' })
  const read = tracedPackets(stderr, 'fetch-pack')
  const expected = [...lines.map(traced), '0000']
  if (JSON.stringify(read) === JSON.stringify(expected)) return
  const at = expected.findIndex((line, index) => line !== read[index])
  throw new Violation(
    `git reads ${JSON.stringify(read[at])}, not ${JSON.stringify(expected[at])}: ${stderr.slice(-300)}`,
  )
}

export const target: Target = {
  name: 'pkt-line',
  covers: ['src/gateway/git/pkt-line.ts', 'src/gateway/git/body-reader.ts'],
  dictionary: ['0000', '0001', '0002', '0003', '0004', '0005', 'fff0', 'fff1', 'FFFF', '00', '\n', '\0', '\u00ff'],
  seeds: () => [
    rawInput(Buffer.from('0000')),
    rawInput(Buffer.from('0009hello00000001000bwörl\n')),
    rawInput(Buffer.from('000aHELLO\n000Aworld\n0000')),
    framedInput(['want it\n', 'with\0nul', 'two\n\n', '\u00e9\u2028']),
    Buffer.concat([Buffer.of(0x17), framedInput(['gzip', 'me']).subarray(1)]),
    Buffer.concat([Buffer.of(0x2f), framedInput(['gzip', 'me']).subarray(1)]),
    Buffer.concat([Buffer.of(0x06), Buffer.from('0008cut0000')]),
  ],
  run,
  witness,
}
