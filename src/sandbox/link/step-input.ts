import { encodeInput } from './encode-request.ts'
import { INPUT_WINDOW_BYTES } from './frame-types.ts'
import { LinkError } from './link-error.ts'

const CHUNK_BYTES = 64 << 10

/** Sends a step's standard input as it comes, never more ahead of the step than the guest keeps. */
export class StepInput {
  readonly #step: number
  readonly #source: AsyncIterable<Uint8Array>
  readonly #send: (frame: Uint8Array) => void
  #iterator: AsyncIterator<Uint8Array> | null = null
  /** Sent, and not taken yet. */
  #ahead = 0
  #room: PromiseWithResolvers<void> | null = null
  #over = false

  constructor(step: number, source: AsyncIterable<Uint8Array>, send: (frame: Uint8Array) => void) {
    this.#step = step
    this.#source = source
    this.#send = send
  }

  /** Resolves when there is no more to send. Rejects with what the source threw; the step's input has then ended. */
  async run(): Promise<void> {
    try {
      await this.#pass()
    } catch (error) {
      if (this.#over) return
      this.#over = true
      this.#send(encodeInput(this.#step, new Uint8Array()))
      throw error
    }
  }

  /** Attacker-controlled. */
  taken(bytes: number, closed: boolean): void {
    if (bytes > this.#ahead) throw new LinkError('protocol', 'the guest took more input than it was given')
    this.#ahead -= bytes
    if (closed) this.stop()
    this.#room?.resolve()
  }

  /** Nobody reads it any more. A source that is about to give something is not waited for. */
  stop(): void {
    if (this.#over) return
    this.#over = true
    this.#room?.resolve()
    void leave(this.#iterator)
  }

  async #pass(): Promise<void> {
    const iterator = this.#source[Symbol.asyncIterator]()
    this.#iterator = iterator
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      if (!this.#over) await this.#give(next.value)
      if (this.#over) return
    }
    if (this.#over) return
    this.#over = true
    this.#send(encodeInput(this.#step, new Uint8Array()))
  }

  async #give(bytes: Uint8Array): Promise<void> {
    let rest = bytes
    while (rest.length > 0 && !this.#over) {
      const part = rest.subarray(0, Math.min(CHUNK_BYTES, INPUT_WINDOW_BYTES - this.#ahead))
      if (part.length === 0) {
        this.#room = Promise.withResolvers<void>()
        await this.#room.promise
        continue
      }
      this.#ahead += part.length
      this.#send(encodeInput(this.#step, part))
      rest = rest.subarray(part.length)
    }
  }
}

/** What a source does or says once it was told to stop is nothing to anyone. */
async function leave(iterator: AsyncIterator<Uint8Array> | null): Promise<void> {
  try {
    await iterator?.return?.()
  } catch {
    // See above.
  }
}
