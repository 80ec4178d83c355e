import { HEADER_BYTES, MAX_PAYLOAD_BYTES } from './frame-types.ts'
import type { Frame } from './frame-types.ts'
import { LinkError } from './link-error.ts'

/**
 * Cuts a stream into frames. Keeps at most one unfinished frame, and checks its announced length before it keeps a byte
 * of it.
 */
export class FrameSplitter {
  #parts: Uint8Array[] = []
  #held = 0

  push(chunk: Uint8Array): Frame[] {
    this.#parts.push(chunk)
    this.#held += chunk.length
    const frames: Frame[] = []
    for (let frame = this.#next(); frame !== null; frame = this.#next()) frames.push(frame)
    return frames
  }

  /** false: the stream has stopped in the middle of a frame. */
  get isEmpty(): boolean {
    return this.#held === 0
  }

  #next(): Frame | null {
    const header = this.#peek(HEADER_BYTES)
    if (header === null) return null
    const length = new DataView(header.buffer, header.byteOffset).getUint32(0)
    if (length > MAX_PAYLOAD_BYTES) throw new LinkError('protocol', `the guest announced a frame of ${length} bytes`)
    const whole = this.#peek(HEADER_BYTES + length)
    if (whole === null) return null
    this.#drop(whole.length)
    return { type: whole[4] ?? 0, payload: whole.subarray(HEADER_BYTES) }
  }

  #peek(length: number): Uint8Array | null {
    if (this.#held < length) return null
    const first = this.#parts[0] ?? new Uint8Array()
    if (first.length >= length) return first.subarray(0, length)
    const joined = Buffer.concat(this.#parts)
    this.#parts = [joined]
    return joined.subarray(0, length)
  }

  #drop(length: number): void {
    const first = this.#parts[0]
    if (first === undefined) return
    this.#held -= length
    if (first.length === length) this.#parts.shift()
    else this.#parts[0] = first.subarray(length)
  }
}
