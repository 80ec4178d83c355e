// The standard streams of an agent, between the guest's link and whoever drives the agent.
import type { AgentChannel, AgentExit } from '../../agents/types.ts'

/** What an agent may say ahead of what was handled. The link can't wait for that: marks are answered over it too. */
export const MAX_AHEAD_BYTES = 64 * 1024 * 1024

export interface AgentStreams {
  channel: AgentChannel
  /** For the guest. */
  stdin: AsyncIterable<Uint8Array>
  /** What the guest read of standard output. */
  push(bytes: Uint8Array): void
  /** The agent was too far ahead, and nothing more of it was taken. */
  readonly flooded: boolean
  /** The process is gone. */
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
      else void output.push(bytes)
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

  /** Nobody reads any more: whoever wrote must not wait for it. */
  function discard(): void {
    closed = true
    waiting = 0
    for (const { taken } of pieces.splice(0)) taken()
    wake()
  }

  return {
    read,
    waiting: () => waiting,
    /** Resolves when it was taken, or never will be. */
    push(bytes: Uint8Array): Promise<void> {
      if (closed || bytes.length === 0) return Promise.resolve()
      return new Promise((resolve) => {
        pieces.push({ bytes, taken: resolve })
        waiting += bytes.length
        wake()
      })
    },
    discard,
    /** What waits is still read. */
    close(): void {
      closed = true
      wake()
    },
  }
}
