/** Collects big-endian fields. */
export class ByteWriter {
  readonly #parts: Uint8Array[] = []

  u8(value: number): this {
    return this.raw(Uint8Array.of(value))
  }

  u16(value: number): this {
    return this.#number(2, (view) => view.setUint16(0, value))
  }

  u32(value: number): this {
    return this.#number(4, (view) => view.setUint32(0, value))
  }

  u64(value: number): this {
    return this.#number(8, (view) => view.setBigUint64(0, BigInt(value)))
  }

  raw(bytes: Uint8Array): this {
    this.#parts.push(bytes)
    return this
  }

  bytes(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes)
  }

  finish(): Uint8Array {
    return Buffer.concat(this.#parts)
  }

  #number(width: number, set: (view: DataView) => void): this {
    const bytes = new Uint8Array(width)
    set(new DataView(bytes.buffer))
    return this.raw(bytes)
  }
}
