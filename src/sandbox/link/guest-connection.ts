import type { Socket } from 'node:net'
import type {
  CommandResult,
  CommandSpec,
  Guest,
  GuestCoverage,
  GuestReport,
  GuestSink,
  IsolationCheck,
} from '../types.ts'
import { decodeMessage } from './decode-message.ts'
import type { GuestMessage } from './decode-message.ts'
import { encodeAskCoverage, encodeKill, encodeRead, encodeRun, encodeSelfTest } from './encode-request.ts'
import { FileCollector } from './file-collector.ts'
import type { FrameSplitter } from './frame-splitter.ts'
import { LinkError } from './link-error.ts'

/** What the guest may say now, and what is done with it. One exchange at a time. */
interface Exchange {
  /** Takes a message that belongs to the exchange; true when it was the last one. Anything else is a protocol error. */
  take(message: GuestMessage): boolean
  fail(error: LinkError): void
  /** Awaited after the messages of one chunk, before more is read. */
  flush?(): Promise<void>
}

/** The host's end of the link, once the guest said hello. Everything that arrives is attacker-controlled. */
export class GuestConnection implements Guest {
  readonly version: string
  readonly lost: Promise<never>
  readonly #socket: Socket
  readonly #reportLoss: (error: LinkError) => void
  #exchange: Exchange | null = null
  #queue: Promise<unknown> = Promise.resolve()
  #ended: LinkError | null = null

  constructor(socket: Socket, version: string, splitter: FrameSplitter, chunks: AsyncIterator<Uint8Array>) {
    this.version = version
    this.#socket = socket
    const { promise, reject } = Promise.withResolvers<never>()
    this.lost = promise
    this.#reportLoss = reject
    // Whoever cares awaits it; a link that is lost with nobody waiting must not end the process.
    promise.catch(() => {})
    void this.#read(splitter, chunks)
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
    return this.#serially(() => this.#run(command, sink, signal))
  }

  close(): void {
    this.#end(new LinkError('closed', 'the link was closed'), false)
  }

  #run(command: CommandSpec, sink: GuestSink, signal: AbortSignal): Promise<CommandResult> {
    const { promise, resolve, reject } = Promise.withResolvers<CommandResult>()
    const request = encodeRun(command)
    const kill = () => void this.#socket.write(encodeKill(command.step))
    let waiting: (() => Promise<void> | void)[] = []
    let reports: GuestReport[] = []
    let settle: (() => void) | null = null
    const deliverReports = () => {
      if (reports.length === 0) return
      const batch = reports
      reports = []
      waiting.push(() => sink.reports(batch))
    }
    const sameStep = (step: number) => {
      if (step !== command.step)
        throw new LinkError('protocol', `the guest spoke of step ${step} during step ${command.step}`)
    }
    this.#exchange = {
      take: (message) => {
        if (message.kind === 'report') {
          sameStep(message.report.step)
          reports.push(message.report)
          return false
        }
        deliverReports()
        if (message.kind === 'output') {
          sameStep(message.step)
          waiting.push(() => sink.output(message.stream, message.bytes))
          return false
        }
        if (message.kind === 'step-ended') {
          sameStep(message.step)
          settle = () => resolve(message.result)
          return true
        }
        if (message.kind === 'step-failed') {
          sameStep(message.step)
          settle = () => reject(new LinkError('refused', `the step was not run: ${message.detail}`))
          return true
        }
        throw unexpected(message)
      },
      fail: reject,
      flush: async () => {
        deliverReports()
        const calls = waiting
        waiting = []
        for (const call of calls) await call()
        settle?.()
      },
    }
    this.#socket.write(request)
    if (signal.aborted) kill()
    else signal.addEventListener('abort', kill, { once: true })
    return promise.finally(() => signal.removeEventListener('abort', kill))
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
      this.#socket.write(bytes)
      return promise
    })
  }

  #serially<T>(exchange: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(() => {
      if (this.#ended) throw this.#ended
      return exchange()
    })
    this.#queue = result.catch(() => {})
    return result
  }

  async #read(splitter: FrameSplitter, chunks: AsyncIterator<Uint8Array>): Promise<void> {
    try {
      await this.#dispatch(splitter.push(new Uint8Array()))
      for (let next = await chunks.next(); !next.done; next = await chunks.next())
        await this.#dispatch(splitter.push(next.value))
      throw new LinkError('lost', splitter.isEmpty ? 'the guest is gone' : 'the guest is gone in the middle of a frame')
    } catch (error) {
      this.#end(
        error instanceof LinkError ? error : new LinkError('lost', 'the link to the guest broke', { cause: error }),
        true,
      )
    }
  }

  async #dispatch(frames: ReturnType<FrameSplitter['push']>): Promise<void> {
    for (const frame of frames) {
      const message = decodeMessage(frame)
      const exchange = this.#exchange
      if (exchange === null) throw unexpected(message)
      if (!exchange.take(message)) continue
      this.#exchange = null
      await flush(exchange)
    }
    if (this.#exchange) await flush(this.#exchange)
  }

  #end(error: LinkError, lost: boolean): void {
    if (this.#ended) return
    this.#ended = error
    this.#socket.destroy()
    this.#exchange?.fail(error)
    this.#exchange = null
    if (lost) this.#reportLoss(error)
  }
}

/** What can't be handed on can't be recorded: the exchange fails, and with it the link (invariant 7). */
async function flush(exchange: Exchange): Promise<void> {
  try {
    await exchange.flush?.()
  } catch (cause) {
    const error = new LinkError('lost', "the guest's reports could not be taken", { cause })
    exchange.fail(error)
    throw error
  }
}

function unexpected(message: GuestMessage): LinkError {
  return new LinkError('protocol', `the guest sent ${message.kind} without being asked`)
}
