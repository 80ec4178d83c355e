import { LinkError } from './link-error.ts'

/** Reads big-endian fields from attacker-controlled bytes; malformed bytes are a protocol error. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2))
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4))
  }

  /** A u64 that must be exact as a JavaScript number. */
  u64(): number {
    const value = this.#view.getBigUint64(this.#advance(8))
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
      throw new LinkError('protocol', 'the guest sent a number that is too large')
    return Number(value)
  }

  /** A copy of the next bytes. */
  raw(length: number): Uint8Array {
    const start = this.#advance(length)
    // Not slice(): on a Buffer it returns a view, which would keep the whole chunk alive.
    return new Uint8Array(this.#bytes.subarray(start, start + length))
  }

  /** A u32 length and that many bytes, copied. */
  bytes(max: number): Uint8Array {
    const length = this.u32()
    if (length > max) throw new LinkError('protocol', `the guest sent ${length} bytes where ${max} are allowed`)
    return this.raw(length)
  }

  /** Text from the guest itself, for people only. Invalid UTF-8 becomes replacement characters. */
  text(max: number): string {
    return new TextDecoder().decode(this.bytes(max))
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new LinkError('protocol', 'the guest sent more than the frame holds')
  }

  #advance(length: number): number {
    const start = this.#at
    if (length > this.#bytes.length - start)
      throw new LinkError('protocol', 'the guest sent a frame that ends too early')
    this.#at += length
    return start
  }
}
