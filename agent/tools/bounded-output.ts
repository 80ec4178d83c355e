// Keeps the beginning and the end of a stream of any length: compilers print the cause first, test runners last.
import { plainText } from './plain-text.ts'

export class BoundedOutput {
  readonly #limit: number
  #head = Buffer.alloc(0)
  /** Chunks after the head; in total at most a little more than the limit. */
  #tail: Buffer[] = []
  #tailBytes = 0
  total = 0

  /** `limit`: bytes to keep of each end. */
  constructor(limit: number) {
    this.#limit = limit
  }

  add(chunk: Buffer): void {
    this.total += chunk.length
    const room = this.#limit - this.#head.length
    if (room > 0) this.#head = Buffer.concat([this.#head, chunk.subarray(0, room)])
    const rest = chunk.subarray(room)
    if (rest.length === 0) return
    // A copy: a slice would keep the whole chunk in memory.
    this.#tail.push(Buffer.from(rest.subarray(-this.#limit)))
    this.#tailBytes += this.#tail.at(-1)!.length
    while (this.#tailBytes - this.#tail[0]!.length >= this.#limit) this.#tailBytes -= this.#tail.shift()!.length
  }

  text(): string {
    const tail = Buffer.concat(this.#tail).subarray(-this.#limit)
    const omitted = this.total - this.#head.length - tail.length
    if (omitted === 0) return plainText(Buffer.concat([this.#head, tail]))
    return `${plainText(this.#head)}\n[${omitted} bytes left out]\n${plainText(tail)}`
  }
}
