// Standard input for steps under test.

/** What a test writes piece by piece. */
export class LiveInput implements AsyncIterable<Uint8Array> {
  readonly #pieces: Uint8Array[] = []
  readonly #left = Promise.withResolvers<void>()
  #wake = Promise.withResolvers<void>()
  #ended = false
  /** Resolves when it was told that nobody reads it any more. */
  readonly left = this.#left.promise

  write(text: string): void {
    this.#pieces.push(Buffer.from(text))
    this.#wake.resolve()
  }

  end(): void {
    this.#ended = true
    this.#wake.resolve()
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: async () => {
        for (;;) {
          const piece = this.#pieces.shift()
          if (piece) return { done: false, value: piece }
          if (this.#ended) return { done: true, value: undefined }
          await this.#wake.promise
          this.#wake = Promise.withResolvers()
        }
      },
      return: async () => {
        this.#left.resolve()
        return { done: true, value: undefined }
      },
    }
  }
}

export interface Endless extends AsyncIterable<Uint8Array> {
  /** Bytes that were taken from it so far. */
  readonly given: number
  /** Resolves when it was told that nobody reads it any more. */
  readonly left: Promise<void>
  /** Resolves once `given` is at least that. */
  reached(bytes: number): Promise<void>
}

export function endless(pieceBytes: number): Endless {
  const left = Promise.withResolvers<void>()
  const piece = Buffer.alloc(pieceBytes, 'x')
  const waiting: { bytes: number; resolve: () => void }[] = []
  let given = 0
  return {
    get given() {
      return given
    },
    left: left.promise,
    async reached(bytes) {
      if (given >= bytes) return
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.push({ bytes, resolve })
      await promise
    },
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        given += piece.length
        for (const { bytes, resolve } of waiting) if (given >= bytes) resolve()
        return { done: false, value: piece }
      },
      return: async () => {
        left.resolve()
        return { done: true, value: undefined }
      },
    }),
  }
}

export async function* pieces(...list: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const piece of list) yield typeof piece === 'string' ? Buffer.from(piece) : piece
}
