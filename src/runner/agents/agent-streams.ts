// The standard streams of an agent, between the guest's link and the agent's driver.
import type { AgentChannel, AgentExit } from '../../agents/types.ts'

/** Most unhandled output of an agent, in bytes. The link can't wait for the driver, because marks use the same link. */
export const MAX_AHEAD_BYTES = 64 * 1024 * 1024

export interface AgentStreams {
  channel: AgentChannel
  /** Standard input, which the guest reads. */
  stdin: AsyncIterable<Uint8Array>
  /** Adds bytes of standard output from the guest. */
  push(bytes: Uint8Array): void
  /** Whether the agent wrote too much unhandled output, so that the rest was ignored. */
  readonly flooded: boolean
  /** Call it when the process has ended. */
  close(exit: AgentExit): void
}

export function createAgentStreams(): AgentStreams {
  const input = createQueue()
  const output = createQueue()
  const ended = Promise.withResolvers<AgentExit>()
  let flooded = false
  return {
    stdin: input.read(),
    channel: {
      write: (bytes) => input.push(bytes),
      async end() {
        input.close()
      },
      output: output.read(),
      ended: ended.promise,
    },
    push(bytes) {
      flooded ||= output.waiting() + bytes.length > MAX_AHEAD_BYTES
      if (flooded) output.close()
      else output.push(bytes).catch(() => undefined) // it never rejects
    },
    get flooded() {
      return flooded
    },
    close(exit) {
      input.discard()
      output.close()
      ended.resolve(exit)
    },
  }
}

interface Piece {
  bytes: Uint8Array
  taken: () => void
}

function createQueue() {
  const pieces: Piece[] = []
  let waiting = 0
  let closed = false
  let wake = (): void => {}

  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const piece = pieces.shift()
        if (piece) {
          waiting -= piece.bytes.length
          piece.taken()
          yield piece.bytes
        } else if (closed) {
          return
        } else {
          await new Promise<void>((resolve) => (wake = resolve))
        }
      }
    } finally {
      discard()
    }
  }

  /** Drops queued input when nobody reads it any more, so that its writers do not wait. */
  function discard(): void {
    closed = true
    waiting = 0
    for (const { taken } of pieces.splice(0)) taken()
    wake()
  }

  return {
    read,
    waiting: () => waiting,
    /** Resolves when the bytes were read, or never will be. */
    push(bytes: Uint8Array): Promise<void> {
      if (closed || bytes.length === 0) return Promise.resolve()
      return new Promise((resolve) => {
        pieces.push({ bytes, taken: resolve })
        waiting += bytes.length
        wake()
      })
    },
    discard,
    /** Ends the queue. Bytes that wait are still read. */
    close(): void {
      closed = true
      wake()
    },
  }
}
