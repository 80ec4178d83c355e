import type { Socket } from 'node:net'
import type { CommandResult, CommandSpec, Guest, GuestCoverage, GuestSink, IsolationCheck } from '../types.ts'
import { decodeMessage } from './decode-message.ts'
import type { GuestMessage } from './decode-message.ts'
import { encodeAskCoverage, encodeRead, encodeSelfTest } from './encode-request.ts'
import { unexpected } from './exchange.ts'
import type { Exchange } from './exchange.ts'
import { FileCollector } from './file-collector.ts'
import type { FrameSplitter } from './frame-splitter.ts'
import { LinkError } from './link-error.ts'
import { Marks } from './marks.ts'
import { RunExchange } from './run-exchange.ts'

/** The host's end of the link, after the guest's hello. Every message from the guest is attacker-controlled. */
export class GuestConnection implements Guest {
  readonly version: string
  readonly lost: Promise<never>
  readonly #socket: Socket
  readonly #reportLoss: (error: LinkError) => void
  readonly #marks: Marks
  #exchange: Exchange | null = null
  /** The latest handover of reports to a sink, which may still be in progress. */
  #handedOn: Promise<void> = Promise.resolve()
  #queue: Promise<unknown> = Promise.resolve()
  #ended: LinkError | null = null

  constructor(socket: Socket, version: string, splitter: FrameSplitter, chunks: AsyncIterator<Uint8Array>) {
    this.version = version
    this.#socket = socket
    this.#marks = new Marks(this.#send)
    const { promise, reject } = Promise.withResolvers<never>()
    this.lost = promise
    this.#reportLoss = reject
    // Callers that need it await it. A link that is lost while nobody waits must not end the process.
    promise.catch(() => {})
    this.#read(splitter, chunks).catch((cause: unknown) => this.#end(broke(cause), true))
  }

  selfTest(): Promise<readonly IsolationCheck[]> {
    return this.#ask(encodeSelfTest, (message) => (message.kind === 'checks' ? message.checks : undefined))
  }

  coverage(): Promise<GuestCoverage> {
    return this.#ask(encodeAskCoverage, (message) => (message.kind === 'coverage' ? message.coverage : undefined))
  }

  readFile(path: string, maxBytes: number): Promise<Uint8Array | null> {
    const collector = new FileCollector(path, maxBytes)
    return this.#ask(
      () => encodeRead(path, maxBytes),
      (message) => collector.take(message),
    )
  }

  run(command: CommandSpec, sink: GuestSink, signal: AbortSignal): Promise<CommandResult> {
    return this.#serially(() => {
      const exchange = new RunExchange(command, sink, this.#send)
      this.#exchange = exchange
      return exchange.start(signal)
    })
  }

  async mark(): Promise<void> {
    if (this.#ended) throw this.#ended
    // The sink may still be handling the last reports of a step that has just ended.
    return this.#exchange instanceof RunExchange ? this.#marks.ask(this.#exchange.step) : this.#handedOn
  }

  close(): void {
    this.#end(new LinkError('closed', 'the link was closed'), false)
  }

  #ask<T>(request: () => Uint8Array, answer: (message: GuestMessage) => T | LinkError | undefined): Promise<T> {
    return this.#serially(() => {
      const { promise, resolve, reject } = Promise.withResolvers<T>()
      const bytes = request()
      this.#exchange = {
        take: (message) => {
          const value = answer(message)
          if (value === undefined && message.kind !== 'file-data') throw unexpected(message)
          if (value instanceof LinkError) reject(value)
          else if (value !== undefined) resolve(value)
          return value !== undefined
        },
        fail: reject,
      }
      this.#send(bytes)
      return promise
    })
  }

  readonly #send = (frame: Uint8Array): void => void this.#socket.write(frame)

  #serially<T>(exchange: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(() => {
      if (this.#ended) throw this.#ended
      return exchange()
    })
    this.#queue = result.catch(() => {})
    return result
  }

  /** Always rejects, with the reason why the link is lost. */
  async #read(splitter: FrameSplitter, chunks: AsyncIterator<Uint8Array>): Promise<void> {
    await this.#dispatch(splitter.push(new Uint8Array()))
    for (let next = await chunks.next(); !next.done; next = await chunks.next())
      await this.#dispatch(splitter.push(next.value))
    throw new LinkError('lost', splitter.isEmpty ? 'the guest is gone' : 'the guest is gone, in the middle of a frame')
  }

  async #dispatch(frames: ReturnType<FrameSplitter['push']>): Promise<void> {
    for (const frame of frames) {
      const message = decodeMessage(frame)
      const exchange = this.#exchange
      if (message.kind === 'marked') {
        const resolve = this.#marks.answered(message.step)
        if (exchange instanceof RunExchange) exchange.afterReports(resolve)
        else resolve() // the step has ended meanwhile
        continue
      }
      if (exchange === null) throw unexpected(message)
      if (!exchange.take(message)) continue
      this.#exchange = null
      await this.#flush(exchange)
    }
    if (this.#exchange) await this.#flush(this.#exchange)
  }

  #flush(exchange: Exchange): Promise<void> {
    this.#handedOn = flush(exchange)
    return this.#handedOn
  }

  #end(error: LinkError, lost: boolean): void {
    if (this.#ended) return
    this.#ended = error
    this.#socket.destroy()
    this.#exchange?.fail(error)
    this.#exchange = null
    this.#marks.fail(error)
    if (lost) this.#reportLoss(error)
  }
}

function broke(cause: unknown): LinkError {
  return cause instanceof LinkError ? cause : new LinkError('lost', 'the link to the guest broke', { cause })
}

/** Hands reports to the sink. If that fails they can't be recorded, so the exchange and the link fail (invariant 7). */
async function flush(exchange: Exchange): Promise<void> {
  try {
    await exchange.flush?.()
  } catch (cause) {
    const error = new LinkError('lost', "the guest's reports could not be taken", { cause })
    exchange.fail(error)
    throw error
  }
}
