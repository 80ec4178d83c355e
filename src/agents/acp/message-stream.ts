// The message stream between the SDK and an agent. It checks every message of the agent, in order, and hands it to the
// SDK only after recording it. The SDK itself would only log violations of the protocol and continue.
import type { AnyMessage, Stream } from '@agentclientprotocol/sdk'
import { AgentFault } from '../agent-fault.ts'
import type { Bounds } from '../bounds.ts'
import { readLines } from '../read-lines.ts'
import type { AgentChannel } from '../types.ts'
import { parseMessage } from './parse-message.ts'

export type Incoming = Extract<AnyMessage, { method: string }>
type Id = string | number | null | undefined

export interface MessageStream {
  stream: Stream
  /** Resolves when no more messages will be read: standard output has ended, or an error occurred. */
  readonly over: Promise<void>
  /** Whether standard output ended by itself. */
  readonly ended: boolean
}

/** `observe` gets requests and notifications; it returns false if it has handled the message and the SDK need not. */
export function messageStream(
  agent: string,
  channel: AgentChannel,
  bounds: Bounds,
  observe: (message: Incoming) => Promise<boolean>,
): MessageStream {
  const lines = readLines(channel.output, bounds.lineBytes)
  const asked = new Set<Id>()
  const open = new Set<Id>()
  let messages = 0
  let strays = 0
  let answered = false
  let ended = false
  let finish = (): void => undefined
  const over = new Promise<void>((resolve) => (finish = resolve))

  /** The next message for the SDK; null at the end. */
  async function next(): Promise<AnyMessage | null> {
    for (;;) {
      const { value: line, done } = await read()
      if (done === true) return null
      if (line === null) throw fault(`a line of more than ${bounds.lineBytes} bytes`)
      const message = blank(line) ? null : accept(line)
      if (message !== null && (!('method' in message) || (await observe(message)))) return message
    }
  }

  async function read(): Promise<IteratorResult<Uint8Array | null>> {
    try {
      return await lines.next()
    } catch (error) {
      throw new AgentFault(
        `The connection to ${agent} broke: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
  }

  function accept(line: Uint8Array): AnyMessage | null {
    if (++messages > bounds.messages) throw fault(`more than ${bounds.messages} messages`)
    const parsed = parseMessage(line, bounds.depth)
    if ('wrong' in parsed) {
      if (!answered && isGreeting(line) && ++strays <= bounds.strayLines) return null
      throw fault(`a line that ${parsed.wrong}: ${excerpt(line)}`)
    }
    const { message, kind } = parsed
    const id = 'id' in message ? message.id : undefined
    if (kind === 'response') {
      // JSON-RPC: an error whose id is null answers a message that could not be parsed.
      if (id === null) throw fault(`an error response to a message of Glovebox: ${excerpt(line)}`)
      if (!asked.delete(id)) throw fault(`a response to a request that was never sent: ${excerpt(line)}`)
      answered = true
    } else if (kind === 'request') {
      if (open.has(id)) throw fault(`two requests with the id ${JSON.stringify(id)} at a time`)
      if (open.size >= bounds.openRequests) throw fault(`more than ${bounds.openRequests} requests at a time`)
      open.add(id)
    }
    return message
  }

  function fault(what: string): AgentFault {
    return new AgentFault(
      `${agent} broke the Agent Client Protocol with ${what}. Its standard output may contain only protocol messages; use a version of it that complies.`,
    )
  }

  const readable = new ReadableStream<AnyMessage>(
    {
      async pull(controller) {
        try {
          const message = await next()
          if (message !== null) return controller.enqueue(message)
          ended = true
          controller.close()
        } catch (error) {
          controller.error(error)
        }
        finish()
      },
      cancel() {
        finish()
        void lines.return(undefined).catch(() => undefined)
      },
    },
    // Nothing is read ahead: backpressure makes a flooding agent wait for the recorder.
    { highWaterMark: 0 },
  )
  const writable = new WritableStream<AnyMessage>({
    async write(message) {
      if ('method' in message && 'id' in message) asked.add(message.id)
      else if ('id' in message) open.delete(message.id)
      await channel.write(Buffer.from(`${JSON.stringify(message)}\n`))
    },
  })
  return {
    stream: { readable, writable },
    over,
    get ended() {
      return ended
    },
  }
}

function blank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)
}

/** Text for people that does not look like a message. */
function isGreeting(line: Uint8Array): boolean {
  return line[0] !== 0x7b && line.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x1b)
}

function excerpt(line: Uint8Array): string {
  const text = Buffer.from(line.subarray(0, 120)).toString('latin1')
  const shown = text.replace(/[^\x20-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return line.length > 120 ? `${shown} ...` : shown
}
