// Pushes that the git client would not send.
import { createHash } from 'node:crypto'
import { deflateSync, gzipSync } from 'node:zlib'

const ZERO = '0'.repeat(40)

export function pkt(text: string | Uint8Array): Buffer {
  const payload = Buffer.from(text)
  return Buffer.concat([Buffer.from((payload.length + 4).toString(16).padStart(4, '0')), payload])
}

export interface RawCommand {
  old?: string
  new: string
  ref: string
}

/** The body of a push: commands, with capabilities on the first, a flush and the pack. */
export function pushBody(
  commands: readonly RawCommand[],
  options: { capabilities?: string; pack?: Uint8Array } = {},
): Buffer {
  const capabilities = options.capabilities ?? 'report-status agent=git/2'
  const lines = commands.map(({ old = ZERO, new: next, ref }, index) =>
    pkt(`${old} ${next} ${ref}${index === 0 ? `\0 ${capabilities}` : ''}`),
  )
  return Buffer.concat([...lines, Buffer.from('0000'), options.pack ?? EMPTY_PACK])
}

/** A pack without objects: its header and the SHA-1 of the header. */
export const EMPTY_PACK = Buffer.from('5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e', 'hex')

/** A pack of one 64 KiB blob and one delta that copies it until the result has the given size. */
export function deltaBomb(resultBytes: number): Buffer {
  const base = Buffer.alloc(0x10000, 0x61)
  const copies = Buffer.alloc(Math.ceil(resultBytes / base.length), 0x80) // copy 64 KiB from offset 0
  const delta = Buffer.concat([deltaSize(base.length), deltaSize(copies.length * base.length), copies])
  const first = Buffer.concat([entryHeader(3, base.length), deflateSync(base)])
  const second = Buffer.concat([entryHeader(6, delta.length), offsetBack(first.length), deflateSync(delta)])
  const body = Buffer.concat([Buffer.from('5041434b0000000200000002', 'hex'), first, second])
  return Buffer.concat([body, createHash('sha1').update(body).digest()])
}

/** Type and size: four bits of size in the first byte, seven in each further one. */
function entryHeader(type: number, size: number): Buffer {
  const rest = Math.floor(size / 16)
  return Buffer.concat([
    Buffer.from([(rest > 0 ? 0x80 : 0) | (type << 4) | (size % 16)]),
    ...(rest > 0 ? [deltaSize(rest)] : []),
  ])
}

function deltaSize(size: number): Buffer {
  const bytes: number[] = []
  for (let rest = size; ;) {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? low | 0x80 : low)
    if (rest === 0) return Buffer.from(bytes)
  }
}

/** The distance to an ofs-delta's base: big-endian, each further byte adding one. */
function offsetBack(distance: number): Buffer {
  const bytes = [distance % 128]
  for (let rest = Math.floor(distance / 128); rest > 0; rest = Math.floor(rest / 128)) {
    rest -= 1
    bytes.unshift((rest % 128) | 0x80)
  }
  return Buffer.from(bytes)
}

export interface RawAnswer {
  status: number
  text: string
}

export async function postPush(
  url: string,
  body: Uint8Array,
  options: { gzip?: boolean; headers?: Record<string, string> } = {},
): Promise<RawAnswer> {
  const response = await fetch(`${url}/git-receive-pack`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-git-receive-pack-request',
      ...(options.gzip ? { 'content-encoding': 'gzip' } : {}),
      ...options.headers,
    },
    body: new Uint8Array(options.gzip ? gzipSync(body) : body),
  })
  return { status: response.status, text: Buffer.from(await response.arrayBuffer()).toString('latin1') }
}
