// The guest's end of a link, for tests that play the guest.
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { Guest } from '../types.ts'
import { ByteWriter } from './byte-writer.ts'
import { encodeFrame } from './encode-request.ts'
import { FrameSplitter } from './frame-splitter.ts'
import { MESSAGE, PROTOCOL_VERSION } from './frame-types.ts'
import type { Frame } from './frame-types.ts'
import { listenForGuest } from './listen-for-guest.ts'

export const HELLO = encodeFrame(
  MESSAGE.hello,
  new ByteWriter().raw(Buffer.from('GLVB')).u16(PROTOCOL_VERSION).bytes(Buffer.from('9.9.9')).finish(),
)

export async function dial(path: string): Promise<Socket> {
  const socket = connect(path)
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** Both ends of a link over a socket at `path`. */
export async function linkAt(path: string): Promise<{ guest: Guest; inside: Socket }> {
  const listener = await listenForGuest(path)
  const accepted = listener.accept(5000, new AbortController().signal)
  const inside = await dial(path)
  inside.write(HELLO)
  return { guest: await accepted, inside }
}

/** Yields the host's requests in order. */
export async function* requestsOf(inside: Socket): AsyncGenerator<Frame> {
  const splitter = new FrameSplitter()
  for await (const chunk of inside) yield* splitter.push(chunk as Buffer)
}

export function output(step: number, text: string): Uint8Array {
  return encodeFrame(MESSAGE.output, new ByteWriter().u32(step).u8(1).bytes(Buffer.from(text)).finish())
}

export function exited(step: number, pid: number): Uint8Array {
  const payload = new ByteWriter().u32(step).u32(pid).u8(0).u32(0).u64(0).u64(0).u64(0).finish()
  return encodeFrame(MESSAGE.exited, payload)
}

export function inputTaken(step: number, bytes: number, closed = false): Uint8Array {
  return encodeFrame(
    MESSAGE.inputTaken,
    new ByteWriter()
      .u32(step)
      .u32(bytes)
      .u8(closed ? 1 : 0)
      .finish(),
  )
}

export function marked(step: number): Uint8Array {
  return encodeFrame(MESSAGE.marked, new ByteWriter().u32(step).finish())
}

export function ended(step: number): Uint8Array {
  return encodeFrame(MESSAGE.stepEnded, new ByteWriter().u32(step).u8(0).u32(0).u64(0).u64(0).u64(0).u64(0).finish())
}
