import { encodeInput } from './encode-request.ts'
import { INPUT_WINDOW_BYTES } from './frame-types.ts'
import { LinkError } from './link-error.ts'

const CHUNK_BYTES = 64 << 10

/** Sends a step's standard input, never further ahead of the step than the guest's buffer (INPUT_WINDOW_BYTES). */
export class StepInput {
  readonly #step: number
  readonly #source: AsyncIterable<Uint8Array>
  readonly #send: (frame: Uint8Array) => void
  #iterator: AsyncIterator<Uint8Array> | null = null
  /** Bytes sent that the step has not read yet. */
  #ahead = 0
  #room: PromiseWithResolvers<void> | null = null
  #over = false

  constructor(step: number, source: AsyncIterable<Uint8Array>, send: (frame: Uint8Array) => void) {
    this.#step = step
    this.#source = source
    this.#send = send
  }

  /** Resolves when everything is sent. Rejects with the source's error; the step's input has then ended. */
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

  /** Takes the guest's acknowledgement of `bytes`. Attacker-controlled. */
  taken(bytes: number, closed: boolean): void {
    if (bytes > this.#ahead) throw new LinkError('protocol', 'the guest took more input than it was given')
    this.#ahead -= bytes
    if (closed) this.stop()
    this.#room?.resolve()
  }

  /** Stops sending, because the step has closed its input. Does not wait for a source that is about to give a piece. */
  stop(): void {
    if (this.#over) return
    this.#over = true
    this.#room?.resolve()
    this.#iterator?.return?.().catch(() => undefined) // the source's answer and its errors are of no interest any more
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
